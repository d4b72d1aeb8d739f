package io.pageferry.control.http;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Gathers values into Prometheus' families: one for a name. Not for several threads at once. */
final class MetricFamilies {
    /** From what a hand-off takes to what stalls a migration, three buckets for a power of ten. */
    private static final double[] LATENCY_BOUNDS_SECONDS = {
        1e-6,
        2e-6,
        5e-6,
        1e-5,
        2e-5,
        5e-5,
        1e-4,
        2e-4,
        5e-4,
        1e-3,
        2e-3,
        5e-3,
        1e-2,
        2e-2,
        5e-2,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        Double.POSITIVE_INFINITY
    };

    private final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
    private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
    private final Map<String, InfoSnapshot.Builder> infos = new LinkedHashMap<>();
    private final Map<String, HistogramSnapshot.Builder> histograms = new LinkedHashMap<>();

    /** The name comes out with {@code _total} behind it. */
    void counter(String name, String help, Labels labels, long value) {
        counters.computeIfAbsent(
                        name, key -> CounterSnapshot.builder().name(key).help(help))
                .dataPoint(CounterDataPointSnapshot.builder()
                        .labels(labels)
                        .value(value)
                        .build());
    }

    void gauge(String name, String help, Labels labels, double value) {
        gauges.computeIfAbsent(name, key -> GaugeSnapshot.builder().name(key).help(help))
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(labels)
                        .value(value)
                        .build());
    }

    /** The name comes out with {@code _info} behind it. */
    void info(String name, String help, Labels labels) {
        infos.computeIfAbsent(name, key -> InfoSnapshot.builder().name(key).help(help))
                .dataPoint(InfoDataPointSnapshot.builder().labels(labels).build());
    }

    void latency(String name, String help, Labels labels, Histogram nanos) {
        long[] counts = new long[LATENCY_BOUNDS_SECONDS.length];
        double sum = 0;
        for (var value : nanos.recordedValues()) {
            double seconds = nanos.medianEquivalentValue(value.getValueIteratedTo()) / 1e9;
            int bucket = 0;
            while (seconds > LATENCY_BOUNDS_SECONDS[bucket]) {
                bucket++;
            }
            counts[bucket] += value.getCountAtValueIteratedTo();
            sum += seconds * value.getCountAtValueIteratedTo();
        }
        histograms
                .computeIfAbsent(
                        name, key -> HistogramSnapshot.builder().name(key).help(help))
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .labels(labels)
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(LATENCY_BOUNDS_SECONDS, counts))
                        .sum(sum)
                        .build());
    }

    /**
     * All that was gathered.
     *
     * @param others families that have other names
     */
    MetricSnapshots toSnapshots(MetricSnapshots others) {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        others.forEach(all::metricSnapshot);
        counters.values().forEach(one -> all.metricSnapshot(one.build()));
        gauges.values().forEach(one -> all.metricSnapshot(one.build()));
        infos.values().forEach(one -> all.metricSnapshot(one.build()));
        histograms.values().forEach(one -> all.metricSnapshot(one.build()));
        return all.build();
    }
}
