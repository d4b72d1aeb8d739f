package io.pageferry.load.report;

import io.pageferry.load.result.Figures;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Statistics;
import io.pageferry.load.result.Turn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** Draws what a load test came to. Belongs to one thread. */
final class ReportPlots {
    /** As many as the style sheet has. */
    private static final int COLOURS = 8;

    /** How lines are broken: what comes after so many colours has the same again, but broken otherwise. */
    private static final int PATTERNS = 4;

    private static final int TICKS_A_HALF = 5;

    /** Fewer values make no curve worth the name. */
    private static final int LEAST_VALUES = 10;

    private final List<LoadResult.Variant> variants;
    private final List<String> labels;

    ReportPlots(LoadResult result, List<String> labels) {
        this.variants = result.variants();
        this.labels = labels;
    }

    /** The classes that tell a variant from others. */
    static String style(int variant) {
        return "c" + variant % COLOURS + " d" + variant / COLOURS % PATTERNS;
    }

    /** A metric's figures, a dot a turn. */
    String strip(Metric metric) {
        List<StripPlot.Row> rows = new ArrayList<>();
        for (int i = 0; i < variants.size(); i++) {
            List<Double> figures = variants.get(i).figures(metric);
            if (!figures.isEmpty()) {
                rows.add(new StripPlot.Row(labels.get(i), style(i), figures));
            }
        }
        return StripPlot.dots(metric.key(), metric.unit(), rows);
    }

    boolean has(Metric metric) {
        return variants.stream()
                .flatMap(variant -> variant.figures(metric).stream())
                .anyMatch(figure -> figure > 0);
    }

    String processorTime() {
        List<StripPlot.Stack> rows = new ArrayList<>();
        for (int i = 0; i < variants.size(); i++) {
            List<Double> source = variants.get(i).figures(Metric.SOURCE_CPU);
            if (!source.isEmpty()) {
                double target = Statistics.median(variants.get(i).figures(Metric.TARGET_CPU));
                rows.add(new StripPlot.Stack(labels.get(i), style(i), List.of(Statistics.median(source), target)));
            }
        }
        return StripPlot.stacks("processor time", "s/GB", List.of("source", "target"), rows);
    }

    /** Of each variant the turn whose rate is the median: one that happened, and no mixture. */
    private Turn typical(LoadResult.Variant variant) {
        List<Turn> turns = variant.turns().stream()
                .filter(turn -> turn.completed() > 0)
                .sorted(Comparator.comparingDouble(turn -> turn.metric(Metric.RATE)))
                .toList();
        return turns.isEmpty() ? null : turns.get(turns.size() / 2);
    }

    private Map<Integer, Turn> typicalTurns() {
        Map<Integer, Turn> turns = new LinkedHashMap<>();
        for (int i = 0; i < variants.size(); i++) {
            Turn turn = typical(variants.get(i));
            if (turn != null) {
                turns.put(i, turn);
            }
        }
        return turns;
    }

    private Plot.Series series(int variant, List<Plot.Point> points) {
        return new Plot.Series(labels.get(variant), style(variant), points);
    }

    private static double most(List<Plot.Series> all) {
        return all.stream()
                .flatMap(series -> series.points().stream())
                .mapToDouble(Plot.Point::y)
                .max()
                .orElse(1);
    }

    String throughput() {
        List<Plot.Series> all = new ArrayList<>();
        double seconds = 0;
        for (Map.Entry<Integer, Turn> entry : typicalTurns().entrySet()) {
            List<Plot.Point> points = new ArrayList<>();
            List<Turn.Point> bins = entry.getValue().throughput();
            double half = entry.getValue().seconds() / bins.size() / 2;
            for (Turn.Point bin : bins) {
                points.add(new Plot.Point(bin.seconds() - half, bin.value() / 1e9));
                points.add(new Plot.Point(bin.seconds() + half, bin.value() / 1e9));
            }
            seconds = Math.max(seconds, entry.getValue().seconds());
            all.add(series(entry.getKey(), points));
        }
        Plot plot = Plot.wide(
                "throughput over time", Axis.linear("seconds", seconds), Axis.linear("GB/s on the wire", most(all)));
        all.forEach(plot::curve);
        return plot.end();
    }

    String rounds() {
        List<Plot.Series> all = new ArrayList<>();
        int rounds = 2;
        double least = Double.MAX_VALUE;
        for (Map.Entry<Integer, Turn> entry : typicalTurns().entrySet()) {
            List<Plot.Point> points = new ArrayList<>();
            List<Turn.Round> own = entry.getValue().rounds();
            for (int i = 0; i < own.size(); i++) {
                least = Math.min(least, Math.max(1, own.get(i).pages()));
                points.add(new Plot.Point(i + 1, own.get(i).pages()));
            }
            rounds = Math.max(rounds, own.size());
            all.add(series(entry.getKey(), points));
        }
        Plot plot = new Plot(
                "dirty pages a round",
                Axis.counts("round; the last one with the guest stopped", 1, rounds),
                Axis.logarithmic("pages", Math.min(least, most(all)), most(all), ReportPlots::pages));
        for (Plot.Series series : all) {
            plot.curve(series).dots(series, "pages");
        }
        return plot.end();
    }

    /** Zero has no place on such an axis: rounds without pages are drawn where one page is. */
    private static String pages(double count) {
        return count == 1 ? "≤ 1" : Figures.count(count);
    }

    String channels() {
        List<Plot.Series> all = new ArrayList<>();
        int channels = 2;
        for (Map.Entry<Integer, Turn> entry : typicalTurns().entrySet()) {
            List<Plot.Point> points = new ArrayList<>();
            List<Double> rates = entry.getValue().channelRates();
            for (int i = 0; i < rates.size(); i++) {
                points.add(new Plot.Point(i, rates.get(i) / 1e9));
            }
            channels = Math.max(channels, rates.size());
            all.add(series(entry.getKey(), points));
        }
        return new Plot(
                        "rate a channel",
                        Axis.counts("channel", 0, channels),
                        Axis.linear("GB/s on the wire", most(all)))
                .bars(all, "GB/s")
                .end();
    }

    /** The latencies that any variant has enough values of. */
    List<String> latencyMetrics() {
        TreeSet<String> metrics = new TreeSet<>();
        for (LoadResult.Variant variant : variants) {
            Report.latencyMetrics(variant).stream()
                    .filter(metric -> variant.latency(metric).getTotalCount() >= LEAST_VALUES)
                    .filter(metric -> variant.latency(metric).getMaxValue() > 0)
                    .forEach(metrics::add);
        }
        return List.copyOf(metrics);
    }

    String latency(String metric) {
        List<Plot.Series> all = new ArrayList<>();
        double least = Double.MAX_VALUE;
        double share = 0;
        for (int i = 0; i < variants.size(); i++) {
            Histogram histogram = variants.get(i).latency(metric);
            if (histogram.getTotalCount() > 0) {
                List<Plot.Point> points = curve(histogram);
                least = Math.min(least, points.getFirst().y());
                share = Math.max(share, 1 - 1.0 / histogram.getTotalCount());
                all.add(series(i, points));
            }
        }
        Plot plot = new Plot(
                metric,
                Axis.percentiles("percentile", share),
                Axis.logarithmic("latency", least, most(all), Axis::nanos));
        all.forEach(plot::curve);
        return plot.end();
    }

    private static List<Plot.Point> curve(Histogram histogram) {
        List<Plot.Point> points = new ArrayList<>();
        double last = 1 - 1.0 / Math.max(2, histogram.getTotalCount());
        for (HistogramIterationValue value : histogram.percentiles(TICKS_A_HALF)) {
            double share = Math.min(value.getPercentileLevelIteratedTo() / 100, last);
            points.add(new Plot.Point(share, Math.max(1_000, value.getValueIteratedTo())));
        }
        return points;
    }
}
