package io.pageferry.perf.jmh;

import io.pageferry.memory.PageBitmap;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/** Scanning the bitmap of a guest of 1 GiB for its marked pages: one scan is an operation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class BitmapBenchmark {
    private static final int PAGES = 262_144;

    /** How many of a thousand pages are marked, at random. */
    @Param({"0", "1", "100", "1000"})
    public int permille;

    private PageBitmap bitmap;

    @Setup
    public void mark() {
        bitmap = new PageBitmap(PAGES);
        Random random = new Random(1);
        for (int page = 0; page < PAGES; page++) {
            if (random.nextInt(1000) < permille) {
                bitmap.set(page);
            }
        }
    }

    @Benchmark
    public long scan() {
        long sum = 0;
        for (long page = bitmap.nextSet(0); page < PAGES; page = bitmap.nextSet(page + 1)) {
            sum += page;
        }
        return sum;
    }

    @Benchmark
    public long count() {
        return bitmap.count();
    }
}
