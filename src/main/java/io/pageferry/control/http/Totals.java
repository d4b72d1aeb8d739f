package io.pageferry.control.http;

import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Sums over migrations of one direction. Not for several threads at once. */
final class Totals {
    long transferred;
    long multifdBytes;
    long normal;
    long duplicate;
    long packets;
    long dirtySyncs;
    long zeroCopyLostBuffers;
    final Map<Latencies.Kind, Histogram> latencies = new EnumMap<>(Latencies.Kind.class);

    void add(MigrationStats stats) {
        transferred += stats.transferredBytes();
        multifdBytes += stats.multifdBytes();
        normal += stats.normalPages();
        duplicate += stats.duplicatePages();
        packets += stats.packets();
        dirtySyncs += stats.dirtySyncCount.sum();
        zeroCopyLostBuffers += stats.zeroCopyLostBuffers();
        for (Latencies.Kind kind : Latencies.Kind.values()) {
            add(kind, stats.latencies().histogram(kind));
        }
    }

    private void add(Latencies.Kind kind, Histogram histogram) {
        Histogram sum = latencies.get(kind);
        if (sum == null) {
            latencies.put(kind, histogram);
        } else {
            sum.add(histogram);
        }
    }

    Totals copy() {
        Totals copy = new Totals();
        copy.transferred = transferred;
        copy.multifdBytes = multifdBytes;
        copy.normal = normal;
        copy.duplicate = duplicate;
        copy.packets = packets;
        copy.dirtySyncs = dirtySyncs;
        copy.zeroCopyLostBuffers = zeroCopyLostBuffers;
        latencies.forEach((kind, histogram) -> copy.latencies.put(kind, histogram.copy()));
        return copy;
    }
}
