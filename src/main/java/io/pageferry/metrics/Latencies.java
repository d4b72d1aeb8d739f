package io.pageferry.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Latencies of a migration in nanoseconds. Any thread records; one thread at a time may take the histograms.
 *
 * <p>Two significant digits from 1 µs to 10 minutes: a percentile is right to 1 %. That takes about 50 KiB a kind, and
 * half as much again once it has been asked for, so nothing is made for a kind before it is needed.
 */
public final class Latencies {
    private static final long LOWEST_NANOS = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 2;

    /** What is measured. */
    public enum Kind {
        /** From a job, of one packet or several, being handed over to its channel beginning with it. */
        HAND_OFF("hand-off"),
        /** Writing one packet with its page data. */
        PACKET_WRITE("packet write"),
        /** From asking all channels for a sync to the last one's answer. */
        SYNC("sync"),
        /** Keeping a guest that has come whole: on a disk, until the disk has it. */
        COMMIT("commit"),
        /** From a page request of postcopy having been read to its page being written. */
        PAGE_REQUEST("page request");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /** What has been recorded of one kind. */
    private static final class Records {
        private final Recorder recorder = new Recorder(LOWEST_NANOS, HIGHEST_NANOS, DIGITS);
        private Histogram taken; // guarded by the latencies; null before somebody asks
    }

    private final AtomicReferenceArray<Records> records = new AtomicReferenceArray<>(Kind.values().length);

    /** The recorder of a kind, to be kept by whoever records often. */
    public Recorder recorder(Kind kind) {
        Records known = records.get(kind.ordinal());
        return (known != null ? known : begin(kind)).recorder;
    }

    private synchronized Records begin(Kind kind) {
        Records known = records.get(kind.ordinal());
        if (known == null) {
            known = new Records();
            records.set(kind.ordinal(), known);
        }
        return known;
    }

    public void record(Kind kind, long nanos) {
        record(recorder(kind), nanos);
    }

    /** Records a value; one that is out of range counts as the nearest that is not. */
    public static void record(Recorder recorder, long nanos) {
        recorder.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
    }

    /** Everything recorded so far. */
    public synchronized Histogram histogram(Kind kind) {
        Records known = records.get(kind.ordinal());
        if (known == null) {
            return new Histogram(LOWEST_NANOS, HIGHEST_NANOS, DIGITS);
        }
        Histogram interval = known.recorder.getIntervalHistogram();
        if (known.taken == null) {
            known.taken = interval;
        } else {
            known.taken.add(interval);
        }
        return known.taken.copy();
    }
}
