package io.pageferry.load.run;

import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.result.Histograms;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Statistics;
import io.pageferry.load.result.Turn;
import io.pageferry.load.worker.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Makes figures of a turn's migrations. Immutable.
 *
 * @param scenario what was run
 * @param migrations those that completed, in the order in which they were due
 * @param errors of the others
 * @param sourceCpu processor time of the source's process, its guests' included
 * @param targetCpu and of the target's processes
 */
record TurnFigures(
        Scenario scenario, List<Done> migrations, List<String> errors, Duration sourceCpu, Duration targetCpu) {
    private static final double NANOS = 1e9;
    private static final double NANOS_A_MILLI = 1e6;
    private static final int PAGE = 4096;

    /** What a plot has room for. */
    private static final int POINTS = 120;

    private static final double LEAST_BIN_SECONDS = 0.01;

    /** A migration, and when it was due. */
    record Done(long dueNanos, Sent sent) {
        long completionNanos() {
            return sent.endNanos() - dueNanos;
        }
    }

    Turn turn(int number, long startEpochMillis) {
        return new Turn(
                number,
                startEpochMillis,
                seconds(),
                migrations.size(),
                errors,
                migrations.isEmpty() ? Map.of() : metrics(),
                throughput(),
                migrations.isEmpty() ? List.of() : migrations.getFirst().sent().rounds(),
                channelRates());
    }

    private long startNanos() {
        return migrations.stream()
                .mapToLong(done -> done.sent().startNanos())
                .min()
                .orElse(0);
    }

    private double seconds() {
        long end = migrations.stream()
                .mapToLong(done -> done.sent().endNanos())
                .max()
                .orElse(0);
        return (end - startNanos()) / NANOS;
    }

    private double sum(ToDoubleFunction<Sent> figure) {
        return migrations.stream()
                .mapToDouble(done -> figure.applyAsDouble(done.sent()))
                .sum();
    }

    private double median(ToDoubleFunction<Done> figure) {
        return Statistics.median(migrations.stream().map(figure::applyAsDouble).toList());
    }

    private Map<String, Double> metrics() {
        double pageBytes = sum(sent -> sent.normalPages() + sent.duplicatePages()) * PAGE;
        double wireBytes = sum(Sent::transferredBytes);
        double gigabytes = pageBytes / 1e9;
        double guests = sum(Sent::guestNanos) / NANOS;
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(Metric.RATE.key(), pageBytes / seconds() / 1e9);
        metrics.put(Metric.WIRE_RATE.key(), wireBytes / seconds() / 1e9);
        metrics.put(Metric.COMPLETION.key(), median(done -> done.completionNanos() / NANOS_A_MILLI));
        if (scenario.number(Setting.MIGRATIONS) > 1) {
            metrics.put(Metric.COMPLETION_P99.key(), completions().getValueAtPercentile(99) / NANOS_A_MILLI);
        }
        metrics.put(Metric.DOWNTIME.key(), median(done -> done.sent().downtimeNanos() / NANOS_A_MILLI));
        metrics.put(Metric.SOURCE_CPU.key(), Math.max(0, sourceCpu.toNanos() / NANOS - guests) / gigabytes);
        metrics.put(Metric.TARGET_CPU.key(), targetCpu.toNanos() / NANOS / gigabytes);
        metrics.put(Metric.WIRE_SHARE.key(), wireBytes / pageBytes);
        metrics.put(Metric.ROUNDS.key(), median(done -> done.sent().rounds().size()));
        return metrics;
    }

    private Histogram completions() {
        Histogram histogram = Histograms.create();
        migrations.forEach(done -> Histograms.record(histogram, done.completionNanos()));
        return histogram;
    }

    /** Of nanoseconds, by metric: the migrations' own times, then what was measured within them. */
    Map<String, Histogram> latencies() {
        Map<String, Histogram> latencies = new LinkedHashMap<>();
        for (String own : List.of("completion", "wait", "total-time", "setup", "downtime")) {
            latencies.put(own, Histograms.create());
        }
        for (Done done : migrations) {
            Sent sent = done.sent();
            Histograms.record(latencies.get("completion"), done.completionNanos());
            Histograms.record(latencies.get("wait"), sent.startNanos() - done.dueNanos());
            Histograms.record(latencies.get("total-time"), sent.totalNanos());
            Histograms.record(latencies.get("setup"), sent.setupNanos());
            Histograms.record(latencies.get("downtime"), sent.downtimeNanos());
            sent.latencies()
                    .forEach((metric, encoded) -> latencies
                            .computeIfAbsent(metric, _ -> Histograms.create())
                            .add(Histograms.decode(encoded)));
        }
        return latencies;
    }

    private List<Double> channelRates() {
        List<Double> rates = new ArrayList<>();
        for (int id = 0; id < scenario.number(Setting.MULTIFD_CHANNELS) && !migrations.isEmpty(); id++) {
            int channel = id;
            rates.add(sum(sent -> sent.channelBytes().get(channel)) / seconds());
        }
        return rates;
    }

    /** Bytes of all migrations, binned by time: between two samples they are taken to have gone evenly. */
    private List<Turn.Point> throughput() {
        double seconds = seconds();
        if (seconds <= 0) {
            return List.of();
        }
        int bins = Math.clamp((int) (seconds / LEAST_BIN_SECONDS), 1, POINTS);
        double width = seconds / bins;
        double[] bytes = new double[bins];
        for (Done done : migrations) {
            List<Sent.Sample> samples = done.sent().samples();
            for (int i = 1; i < samples.size(); i++) {
                spread(samples.get(i - 1), samples.get(i), width, bytes);
            }
        }
        List<Turn.Point> points = new ArrayList<>();
        for (int bin = 0; bin < bins; bin++) {
            points.add(new Turn.Point((bin + 0.5) * width, bytes[bin] / width));
        }
        return points;
    }

    private void spread(Sent.Sample before, Sent.Sample after, double width, double[] bytes) {
        double from = (before.nanos() - startNanos()) / NANOS;
        double to = (after.nanos() - startNanos()) / NANOS;
        if (to <= from) {
            return;
        }
        double density = (after.transferredBytes() - before.transferredBytes()) / (to - from);
        int last = Math.clamp((int) (to / width), 0, bytes.length - 1);
        for (int bin = Math.clamp((int) (from / width), 0, bytes.length - 1); bin <= last; bin++) {
            double overlap = Math.min(to, (bin + 1) * width) - Math.max(from, bin * width);
            bytes[bin] += Math.max(0, overlap) * density;
        }
    }
}
