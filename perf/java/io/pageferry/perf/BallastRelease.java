package io.pageferry.perf;

import io.pageferry.load.MachineMemory;
import io.pageferry.load.run.Ballast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lets go of a ballast piece by piece, as somebody else takes memory, until it is closed: none of it is free for long.
 * Begins with enough for a while. Nobody else uses the ballast meanwhile.
 */
final class BallastRelease implements AutoCloseable {
    /**
     * How much more is free than the other has taken: less than a second's worth, and more than it takes between two
     * looks.
     */
    private static final long AHEAD_BYTES = 512L << 20;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final long PAGE_BYTES = 4096;

    private final ExecutorService follower = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("ballast").factory());

    private BallastRelease(Ballast ballast, LongSupplier takenBytes) {
        long before = takenBytes.getAsLong();
        long most = ballast.sizeBytes() - AHEAD_BYTES;
        ballast.releaseDownTo(most);
        follower.execute(() -> {
            while (!Thread.interrupted()) {
                ballast.releaseDownTo(most - (takenBytes.getAsLong() - before));
                LockSupport.parkNanos(LOOK_NANOS);
            }
        });
    }

    /** As a process takes memory. */
    static BallastRelease asTakenBy(long pid, Ballast ballast) {
        return new BallastRelease(ballast, () -> residentBytes(pid));
    }

    /** As files are written through the page cache. */
    static BallastRelease asPageCacheGrows(Ballast ballast) {
        return new BallastRelease(ballast, MachineMemory::pageCacheBytes);
    }

    private static long residentBytes(long pid) {
        try {
            return Long.parseLong(
                            Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ")[1])
                    * PAGE_BYTES;
        } catch (IOException e) {
            return 0; // it has ended
        }
    }

    @Override
    public void close() {
        follower.shutdownNow();
        follower.close();
    }
}
