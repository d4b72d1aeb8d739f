package io.pageferry.load.result;

import java.util.List;
import java.util.Map;

/**
 * What one turn of a scenario came to.
 *
 * @param number 1 being the first that counts; 0 and less for warm-up
 * @param startEpochMillis when it began
 * @param seconds from the first migration's start to the last one's end
 * @param completed migrations that did
 * @param errors of those that did not
 * @param metrics figures, by {@link Metric#key}
 * @param throughput bytes on the wire a second, over time
 * @param rounds what the rounds of one migration, the first, moved
 * @param channelRates bytes a second of each multifd channel, over all migrations
 */
public record Turn(
        int number,
        long startEpochMillis,
        double seconds,
        int completed,
        List<String> errors,
        Map<String, Double> metrics,
        List<Point> throughput,
        List<Round> rounds,
        List<Double> channelRates) {

    /** A round: its pages, zero ones too, and its bytes. */
    public record Round(long pages, long bytes) {}

    /** Something at a time, which is in seconds since the turn's start. */
    public record Point(double seconds, double value) {}

    /** What was left when the guest was stopped, where one round or more was sent before. */
    public long lastRoundBytes() {
        return rounds.getLast().bytes();
    }

    public double metric(Metric metric) {
        return metrics.getOrDefault(metric.key(), Double.NaN);
    }
}
