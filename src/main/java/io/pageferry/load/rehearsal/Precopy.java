package io.pageferry.load.rehearsal;

import java.util.ArrayList;
import java.util.List;

/**
 * Goes through the rounds of a migration on paper, by the rules that Pageferry's source has: after each round, the
 * guest stops if at the round's bandwidth what it has dirtied meanwhile takes no longer than {@code downtime-limit};
 * after several rounds without gain the migration is given up. Stateless.
 */
final class Precopy {
    /** The rules, as the room {@code send} has them. */
    private static final double NO_GAIN = 0.95;

    private static final int ROUNDS_TO_GIVE_UP = 6;
    private static final double TELLING_BYTES = 4 << 20;

    /** Enough for every guest that gains a twentieth a round; what is left then is less than a page. */
    private static final int MAX_ROUNDS = 1_000;

    private Precopy() {}

    static Forecast forecast(GuestLoad guest, Throughput speed, double downtimeLimitSeconds) {
        List<Forecast.Round> rounds = new ArrayList<>();
        double remaining = guest.bytes();
        double bandwidth = 0;
        int withoutGain = 0;
        while (rounds.size() < MAX_ROUNDS) {
            Forecast.Round round = rounds.isEmpty() ? firstRound(guest, speed) : dirtiedRound(guest, speed, remaining);
            rounds.add(round);
            double dirtied = guest.dirtiedWithin(round.seconds());
            double sent = speed.wireBytes(remaining, guest.zeroShare());
            if (sent >= TELLING_BYTES || bandwidth == 0) {
                bandwidth = round.seconds() == 0 ? 0 : sent / round.seconds();
            }
            double expected = bandwidth == 0 ? 0 : dirtied / bandwidth;
            if (expected <= downtimeLimitSeconds) {
                rounds.add(dirtiedRound(guest, speed, dirtied));
                return sum(guest, speed, rounds, true);
            }
            withoutGain = dirtied >= remaining * NO_GAIN ? withoutGain + 1 : 0;
            if (withoutGain >= ROUNDS_TO_GIVE_UP) {
                break;
            }
            remaining = dirtied;
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
