package io.pageferry.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Latencies of a migration in nanoseconds. Any thread records; one thread at a time may take the histograms.
 *
 * <p>Two significant digits from 1 µs to 10 minutes: a percentile is right to 1 %, and a recorder takes about 50 KiB.
 */
public final class Latencies {
    private static final long LOWEST_NANOS = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 2;

    /** What is measured. */
    public enum Kind {
        /** From a batch being handed over to its channel beginning with it. */
        HAND_OFF("hand-off"),
        /** Writing one packet with its page data. */
        PACKET_WRITE("packet write"),
        /** From asking all channels for a sync to the last one's answer. */
        SYNC("sync");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    private final Map<Kind, Recorder> recorders = new LinkedHashMap<>();
    private final Map<Kind, Histogram> totals = new LinkedHashMap<>();

    public Latencies() {
        for (Kind kind : Kind.values()) {
            recorders.put(kind, new Recorder(LOWEST_NANOS, HIGHEST_NANOS, DIGITS));
            totals.put(kind, new Histogram(LOWEST_NANOS, HIGHEST_NANOS, DIGITS));
        }
    }

    /** The recorder of a kind, to be kept by whoever records often. */
    public Recorder recorder(Kind kind) {
        return recorders.get(kind);
    }

    public void record(Kind kind, long nanos) {
        record(recorders.get(kind), nanos);
    }

    /** Records a value; one that is out of range counts as the nearest that is not. */
    public static void record(Recorder recorder, long nanos) {
        recorder.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
    }

    /** Everything recorded so far. */
    public synchronized Histogram histogram(Kind kind) {
        Histogram total = totals.get(kind);
        total.add(recorders.get(kind).getIntervalHistogram());
        return total.copy();
    }
}
