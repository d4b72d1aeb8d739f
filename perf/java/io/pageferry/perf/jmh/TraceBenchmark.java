package io.pageferry.perf.jmh;

import io.pageferry.metrics.ChannelTrace;
import io.pageferry.metrics.MigrationStats;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Telling of a packet that was sent, which takes some 100 µs itself: one is an operation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TraceBenchmark {
    private static final String EVENT = "io.pageferry.SendFill";

    /**
     * Who watches: nobody; a recording without packets, as every recording is that asks for nothing; one with packets.
     */
    @Param({"nobody", "recording", "packets"})
    public String watcher;

    private final ChannelTrace trace = new MigrationStats(1).channel(0).trace();
    private Recording recording;
    private long number;

    @Setup
    public void watch() {
        if (!watcher.equals("nobody")) {
            recording = new Recording();
            if (watcher.equals("packets")) {
                recording.enable(EVENT);
            }
            recording.start();
        }
    }

    @TearDown
    public void stop() {
        if (recording != null) {
            recording.close();
        }
    }

    @Benchmark
    public void tell() {
        trace.beginSend();
        trace.sendFill(number++, 0, 128, 0, 524_288);
    }
}
