package io.pageferry.perf.jmh;

import io.pageferry.memory.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast a page is found to be zero, against plain reads of the same pages, in Java and in C with AVX: 4 KiB are an
 * operation, so 1 op/µs is 4.096 GB/s. The worst case is a page that is zero, as all of it has to be looked at.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class ZeroTestBenchmark {
    private static final int PAGE = 4096;
    private static final int PAGES = 128;

    /** In all: a packet's pages, in the processor's cache; and more than any cache has. */
    @Param({"128", "65536"})
    public int pages;

    private MemoryRegion region;
    private MemorySegment segment;
    private int packet;

    @Setup
    public void touch() {
        region = MemoryRegion.allocate((long) pages * PAGE);
        segment = region.segment();
        segment.fill((byte) 1);
        segment.fill((byte) 0);
    }

    @TearDown
    public void free() {
        region.close();
    }

    private long nextPacket() {
        packet = (packet + 1) % (pages / PAGES);
        return (long) packet * PAGES * PAGE;
    }

    @Benchmark
    @OperationsPerInvocation(PAGES)
    public int isZero() {
        long start = nextPacket();
        int zero = 0;
        for (int page = 0; page < PAGES; page++) {
            if (region.isZero(start + (long) page * PAGE, PAGE)) {
                zero++;
            }
        }
        return zero;
    }

    /** A measure without C: all of the memory into one number, nothing decided. */
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long plainRead() {
        long start = nextPacket();
        long bits = 0;
        for (int page = 0; page < PAGES; page++) {
            bits |= read(start + (long) page * PAGE);
        }
        return bits;
    }

    /** The goal is 90 % of this. */
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long plainReadInC(PlainReadInC inC) throws Throwable {
        return inC.read(segment.asSlice(nextPacket(), (long) PAGES * PAGE));
    }

    private long read(long position) {
        long bits = 0;
        for (int i = 0; i < PAGE; i += Long.BYTES) {
            bits |= segment.get(ValueLayout.JAVA_LONG, position + i);
        }
        return bits;
    }
}
