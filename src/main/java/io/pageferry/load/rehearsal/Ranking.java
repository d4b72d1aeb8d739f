package io.pageferry.load.rehearsal;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which setting is best: of those with which the guest arrives, the fastest; of those that are about as fast, the one
 * that costs least. Stateless.
 */
final class Ranking {
    /** Who is so little slower is as fast: no forecast is better than that. */
    private static final double AS_FAST = 1.05;

    private Ranking() {}

    /** A setting's forecast with how many channels it takes. */
    record Candidate(int index, int channels, Forecast forecast) {}

    /** From the best to the worst; those that do not converge come last. */
    static List<Candidate> order(List<Candidate> candidates) {
        Optional<Candidate> fastest = candidates.stream()
                .filter(candidate -> candidate.forecast.converges())
                .min(Comparator.comparingDouble(candidate -> candidate.forecast.totalSeconds()));
        double asFast = fastest.map(candidate -> candidate.forecast.totalSeconds() * AS_FAST)
                .orElse(0.0);
        Comparator<Candidate> best = Comparator.comparing(candidate -> !candidate.forecast.converges());
        return candidates.stream()
                .sorted(best.thenComparingDouble(candidate -> Math.max(asFast, candidate.forecast.totalSeconds()))
                        .thenComparingDouble(candidate -> round(candidate.forecast.cpuSeconds()))
                        .thenComparingInt(Candidate::channels)
                        .thenComparingInt(Candidate::index))
                .toList();
    }

    /** To two digits: what differs by less is not cheaper. */
    private static double round(double seconds) {
        if (seconds <= 0) {
            return 0;
        }
        double unit = Math.pow(10, Math.floor(Math.log10(seconds)) - 1);
        return Math.round(seconds / unit) * unit;
    }

    /** Why the first is first. */
    static String reason(List<Candidate> ordered, String limit) {
        Candidate best = ordered.getFirst();
        if (!best.forecast.converges()) {
            return "the guest converges with none of them: it must dirty less, or be allowed more downtime";
        }
        boolean fastest = ordered.stream()
                .filter(candidate -> candidate.forecast.converges())
                .noneMatch(candidate -> candidate.forecast.totalSeconds() < best.forecast.totalSeconds());
        return (fastest ? "the least total time" : "as fast as the fastest within 5 %, at less cost") + "; limited by "
                + limit;
    }
}
