package io.pageferry.load.result;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a load test came to.
 *
 * @param variants its scenarios, in the order in which they were given
 */
public record LoadResult(List<Variant> variants) {
    /**
     * A scenario and all its turns.
     *
     * @param settings every one, by key
     * @param warmUp turns that do not count
     * @param turns those that do
     * @param latencies of each of those, in nanoseconds, by metric
     */
    public record Variant(
            String name,
            Map<String, String> settings,
            List<Turn> warmUp,
            List<Turn> turns,
            List<Map<String, Histogram>> latencies) {

        /** Of all turns that count. */
        public Histogram latency(String metric) {
            Histogram all = Histograms.create();
            latencies.forEach(turn -> {
                if (turn.containsKey(metric)) {
                    all.add(turn.get(metric));
                }
            });
            return all;
        }

        /** One a turn, of turns in which any migration completed. */
        public List<Double> figures(Metric metric) {
            return turns.stream()
                    .filter(turn -> turn.metrics().containsKey(metric.key()))
                    .map(turn -> turn.metric(metric))
                    .toList();
        }

        long failed() {
            return turns.stream().mapToLong(turn -> turn.errors().size()).sum();
        }
    }

    /** Migrations that failed in turns that count. */
    public long failed() {
        return variants.stream().mapToLong(Variant::failed).sum();
    }

    /** Why the first migration of those failed, or nothing. */
    public String firstError() {
        return variants.stream()
                .flatMap(variant -> variant.turns().stream())
                .flatMap(turn -> turn.errors().stream())
                .findFirst()
                .orElse("");
    }

    /** Migrations that completed in turns that count. */
    public long completed() {
        return variants.stream()
                .flatMap(variant -> variant.turns().stream())
                .mapToLong(Turn::completed)
                .sum();
    }
}
