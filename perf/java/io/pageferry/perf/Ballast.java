package io.pageferry.perf;

import io.pageferry.memory.MemoryRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Memory that is kept ready for whoever is measured next: it has been written, and is let go of just before the other
 * needs it.
 *
 * <p>A virtual machine gets its memory from its host when it first touches it, and that can be ten times slower than
 * all later use. Many give it back, too, a second or two after it was freed (free page reporting): memory that was
 * touched once at the beginning is cold again by the time it is used, or is not, by chance.
 *
 * <p>Not safe for use by several threads.
 */
final class Ballast implements AutoCloseable {
    private static final long PIECE_BYTES = 64L << 20;

    /**
     * How much more is free than the other has taken: less than a second's worth, and more than it takes between two
     * looks.
     */
    private static final long AHEAD_BYTES = 512L << 20;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final long PAGE_BYTES = 4096;
    private static final long KIB = 1024;

    private final long bytes;
    private final Deque<MemoryRegion> held = new ArrayDeque<>();

    /** Nothing is held yet. */
    Ballast(long bytes) {
        this.bytes = bytes;
    }

    /** Takes the memory and writes it, best when as much has just been freed. */
    void hold() {
        while (heldBytes() < bytes) {
            MemoryRegion piece = MemoryRegion.allocate(PIECE_BYTES);
            piece.segment().fill((byte) 1);
            held.add(piece);
        }
    }

    /** Lets go of all of it. */
    void release() {
        while (!held.isEmpty()) {
            held.remove().close();
        }
    }

    /**
     * Lets go of it piece by piece, as a process takes memory, until that is called off: none of it is free for long.
     * Begins with enough for a while.
     */
    Release releaseFor(long pid) {
        return releaseAsTaken(() -> residentBytes(pid));
    }

    /** The same for files that are written through the page cache. */
    Release releaseForPageCache() {
        return releaseAsTaken(Ballast::pageCacheBytes);
    }

    private Release releaseAsTaken(LongSupplier takenBytes) {
        long before = takenBytes.getAsLong();
        releaseDownTo(bytes - AHEAD_BYTES);
        ExecutorService follower = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("ballast").factory());
        follower.execute(() -> {
            while (!Thread.interrupted()) {
                releaseDownTo(bytes - AHEAD_BYTES - (takenBytes.getAsLong() - before));
                LockSupport.parkNanos(LOOK_NANOS);
            }
        });
        return () -> {
            follower.shutdownNow();
            follower.close();
        };
    }

    /** Goes on until it is closed. */
    interface Release extends AutoCloseable {
        @Override
        void close();
    }

    private void releaseDownTo(long mostBytes) {
        while (!held.isEmpty() && heldBytes() > mostBytes) {
            held.remove().close();
        }
    }

    private long heldBytes() {
        return held.size() * PIECE_BYTES;
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

    private static long pageCacheBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            String cached =
                    lines.filter(line -> line.startsWith("Cached:")).findAny().orElseThrow();
            return Long.parseLong(cached.split("\\s+")[1]) * KIB;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        release();
    }
}
