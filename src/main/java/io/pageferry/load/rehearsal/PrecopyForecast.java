package io.pageferry.load.rehearsal;

import io.pageferry.send.Convergence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes through the rounds of a migration on paper: how long each takes is worked out, and what comes after it
 * Pageferry's source decides, by {@link Convergence}. Stateless.
 */
final class PrecopyForecast {
    /** Enough for every guest that gains a twentieth a round; what is left then is less than a page. */
    private static final int MAX_ROUNDS = 1_000;

    /** A round that takes no time at all has no bandwidth. */
    private static final double LEAST_SECONDS = 1e-9;

    private PrecopyForecast() {}

    static Forecast of(GuestLoad guest, Throughput speed, Duration downtimeLimit) {
        Convergence convergence = new Convergence(downtimeLimit);
        List<Forecast.Round> rounds = new ArrayList<>();
        double remaining = guest.bytes();
        while (rounds.size() < MAX_ROUNDS) {
            Forecast.Round round = rounds.isEmpty() ? firstRound(guest, speed) : dirtiedRound(guest, speed, remaining);
            rounds.add(round);
            double dirtied = guest.dirtiedWithin(round.seconds());
            double sent = speed.wireBytes(remaining, guest.zeroShare());
            switch (convergence.afterRound(remaining, sent, Math.max(round.seconds(), LEAST_SECONDS), dirtied)) {
                case SWITCH_OVER -> {
                    rounds.add(dirtiedRound(guest, speed, dirtied));
                    return sum(guest, speed, rounds, true);
                }
                case GIVE_UP -> {
                    return sum(guest, speed, rounds, false);
                }
                case NEXT_ROUND -> remaining = dirtied;
            }
        }
        return sum(guest, speed, rounds, false);
    }

    private static Forecast.Round firstRound(GuestLoad guest, Throughput speed) {
        return new Forecast.Round(guest.bytes(), speed.seconds(guest.bytes(), guest.zeroShare()));
    }

    private static Forecast.Round dirtiedRound(GuestLoad guest, Throughput speed, double bytes) {
        return new Forecast.Round(bytes, speed.scatteredSeconds(bytes, guest.zeroShare()));
    }

    private static Forecast sum(GuestLoad guest, Throughput speed, List<Forecast.Round> rounds, boolean converges) {
        double seconds = speed.setupSeconds();
        double wire = 0;
        double normal = 0;
        for (Forecast.Round round : rounds) {
            seconds += round.seconds();
            wire += speed.wireBytes(round.bytes(), guest.zeroShare());
            normal += round.bytes() * (1 - guest.zeroShare());
        }
        double downtime = converges ? rounds.getLast().seconds() + speed.switchSeconds() : Double.NaN;
        return new Forecast(
                converges, List.copyOf(rounds), seconds, downtime, wire, normal * speed.cpuSecondsPerByte());
    }
}
