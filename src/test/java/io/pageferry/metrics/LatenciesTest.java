package io.pageferry.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.metrics.Latencies.Kind;
import io.pageferry.testing.Threads;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LatenciesTest {
    private final Latencies latencies = new Latencies();

    @Test
    void shouldKeepEachKindForItself() {
        latencies.record(Kind.SYNC, 5_000_000);
        assertEquals(1, latencies.histogram(Kind.SYNC).getTotalCount());
        assertEquals(0, latencies.histogram(Kind.HAND_OFF).getTotalCount());
        assertEquals(0, latencies.histogram(Kind.PACKET_WRITE).getTotalCount());
    }

    @Test
    void shouldBeRightToOnePercent() {
        for (int micros = 1; micros <= 1000; micros++) {
            latencies.record(Kind.PACKET_WRITE, TimeUnit.MICROSECONDS.toNanos(micros));
        }
        Histogram histogram = latencies.histogram(Kind.PACKET_WRITE);
        assertEquals(500_000, histogram.getValueAtPercentile(50), 5_000);
        assertEquals(990_000, histogram.getValueAtPercentile(99), 9_900);
        assertEquals(1_000_000, histogram.getMaxValue(), 10_000);
    }

    @Test
    void shouldCountValueAsTheNearestOneWhenItIsOutOfRange() {
        latencies.record(Kind.SYNC, -5);
        latencies.record(Kind.SYNC, Long.MAX_VALUE);
        Histogram histogram = latencies.histogram(Kind.SYNC);
        assertEquals(2, histogram.getTotalCount());
        double tenMinutes = TimeUnit.MINUTES.toNanos(10);
        assertEquals(tenMinutes, histogram.getMaxValue(), tenMinutes / 100);
    }

    @Test
    void shouldStillHaveWhatWasRecordedBeforeItWasAsked() {
        latencies.record(Kind.SYNC, 1_000_000);
        assertEquals(1, latencies.histogram(Kind.SYNC).getTotalCount());
        latencies.record(Kind.SYNC, 2_000_000);
        assertEquals(2, latencies.histogram(Kind.SYNC).getTotalCount());
    }

    @Test
    void shouldNotChangeAHistogramThatWasGiven() {
        Histogram given = latencies.histogram(Kind.SYNC);
        latencies.record(Kind.SYNC, 1_000_000);
        latencies.histogram(Kind.SYNC);
        assertEquals(0, given.getTotalCount());
    }

    @Test
    void shouldLoseNoValueWhenThreadsRecordWhileOneAsks() throws Exception {
        int threads = 6;
        int values = 50_000;
        Callable<?> recording = () -> {
            for (int i = 0; i < values; i++) {
                Latencies.record(latencies.recorder(Kind.HAND_OFF), i);
                if (i % 1000 == 0) {
                    latencies.histogram(Kind.HAND_OFF);
                }
            }
            return null;
        };
        Threads.runTogether(Collections.nCopies(threads, recording));
        assertEquals((long) threads * values, latencies.histogram(Kind.HAND_OFF).getTotalCount());
    }
}
