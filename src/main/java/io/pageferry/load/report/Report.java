package io.pageferry.load.report;

import io.pageferry.load.LoadException;
import io.pageferry.load.LoadJson;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Statistics;
import io.pageferry.load.result.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.HdrHistogram.Histogram;
import tools.jackson.core.JacksonException;

/**
 * A load test's result as a file has it, {@value #FILE}. Rates are in GB (10⁹ bytes) a second, latencies in
 * nanoseconds; what a metric is says {@link Metric}.
 *
 * @param name of the test
 * @param created when it began, in ISO 8601
 * @param environment where it ran
 * @param variants its scenarios
 */
public record Report(String name, String created, Environment environment, List<Variant> variants) {
    static final String FILE = "report.json";

    /**
     * A scenario.
     *
     * @param settings every one, by key
     * @param metrics how each metric is spread over the turns
     * @param latencies percentiles over all turns, by metric
     * @param warmUp turns that do not count
     * @param turns those that do
     */
    public record Variant(
            String name,
            Map<String, String> settings,
            Map<String, Spread> metrics,
            Map<String, Percentiles> latencies,
            List<Turn> warmUp,
            List<Turn> turns) {

        /** How many migrations failed, of how many where any did. */
        String failures() {
            int failed = turns.stream().mapToInt(turn -> turn.errors().size()).sum();
            int completed = turns.stream().mapToInt(Turn::completed).sum();
            return failed == 0 ? "none" : failed + " of " + (failed + completed);
        }

        List<Double> figures(Metric metric) {
            return turns.stream()
                    .filter(turn -> turn.metrics().containsKey(metric.key()))
                    .map(turn -> turn.metric(metric))
                    .toList();
        }
    }

    /** How figures lie: the median, the quartiles around it, the least and the most. */
    public record Spread(double median, double lower, double upper, double least, double most, String unit) {
        static Spread of(List<Double> figures, String unit) {
            return new Spread(
                    Statistics.median(figures),
                    Statistics.quantile(figures, 0.25),
                    Statistics.quantile(figures, 0.75),
                    Statistics.quantile(figures, 0),
                    Statistics.quantile(figures, 1),
                    unit);
        }
    }

    /** Nanoseconds that so many percent of all values are not above. */
    public record Percentiles(long count, double mean, long p50, long p90, long p99, long p999, long max) {
        static Percentiles of(Histogram histogram) {
            return new Percentiles(
                    histogram.getTotalCount(),
                    histogram.getMean(),
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(90),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getMaxValue());
        }
    }

    static Report of(String name, String created, Environment environment, LoadResult result) {
        return new Report(
                name,
                created,
                environment,
                result.variants().stream().map(Report::variant).toList());
    }

    private static Variant variant(LoadResult.Variant variant) {
        Map<String, Spread> metrics = new LinkedHashMap<>();
        for (Metric metric : Metric.values()) {
            List<Double> figures = variant.figures(metric);
            if (!figures.isEmpty()) {
                metrics.put(metric.key(), Spread.of(figures, metric.unit()));
            }
        }
        Map<String, Percentiles> latencies = new LinkedHashMap<>();
        for (String metric : latencyMetrics(variant)) {
            latencies.put(metric, Percentiles.of(variant.latency(metric)));
        }
        return new Variant(variant.name(), variant.settings(), metrics, latencies, variant.warmUp(), variant.turns());
    }

    /** The latencies that a variant has values of. */
    static List<String> latencyMetrics(LoadResult.Variant variant) {
        TreeSet<String> metrics = new TreeSet<>();
        variant.latencies()
                .forEach(turn -> turn.forEach((metric, histogram) -> {
                    if (histogram.getTotalCount() > 0) {
                        metrics.add(metric);
                    }
                }));
        return List.copyOf(metrics);
    }

    /** Reads the report of a folder, or a report itself. */
    public static Report read(Path path) throws IOException {
        Path file = Files.isDirectory(path) ? path.resolve(FILE) : path;
        try {
            return LoadJson.PRETTY.readValue(Files.readAllBytes(file), Report.class);
        } catch (NoSuchFileException e) {
            throw new LoadException("report must be there: file=" + file, e);
        } catch (JacksonException e) {
            throw new LoadException(
                    "report must be one of load's: file=" + file + " reason=\"" + e.getOriginalMessage() + "\"", e);
        }
    }

    void write(Path folder) throws IOException {
        Files.write(folder.resolve(FILE), LoadJson.PRETTY.writeValueAsBytes(this));
    }
}
