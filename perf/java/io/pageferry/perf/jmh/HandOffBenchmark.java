package io.pageferry.perf.jmh;

import io.pageferry.handoff.Lane;
import io.pageferry.handoff.Lanes;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A job to a channel and an empty one back: one swap is an operation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HandOffBenchmark {
    private final Lanes<Object> lanes = new Lanes<>(1, Lanes.DEFAULT_DEPTH, Object::new);
    private Object job = new Object();

    /** On one thread: the instructions alone. */
    @Benchmark
    public Object swapAlone() throws InterruptedException {
        job = lanes.swap(job);
        Lane<Object> lane = lanes.lane(0);
        lane.await();
        lane.jobDone();
        return job;
    }

    /**
     * Between two threads, each of which parks when the other is behind: what a channel could reach that has nothing
     * else to do.
     */
    @Benchmark
    public Object swapToThread(Channel channel) throws InterruptedException {
        return channel.swap();
    }

    /** A channel that does nothing with what it gets, on a thread of its own. */
    @State(Scope.Thread)
    public static class Channel {
        private final Lanes<Object> lanes = new Lanes<>(1, Lanes.DEFAULT_DEPTH, Object::new);
        private Object job = new Object();
        private Thread thread;

        @Setup
        public void start() {
            thread = Thread.ofVirtual().start(this::serve);
        }

        @TearDown
        public void end() throws InterruptedException {
            lanes.finish();
            thread.join();
        }

        private Object swap() throws InterruptedException {
            job = lanes.swap(job);
            return job;
        }

        private void serve() {
            Lane<Object> lane = lanes.lane(0);
            try {
                while (lane.await() == Lane.Work.JOB) {
                    lane.jobDone();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
