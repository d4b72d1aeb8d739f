package io.pageferry.perf;

import io.pageferry.memory.MemoryRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What {@link Ballast} is, for moves that take longer than freed memory stays warm: it is let go of piece by piece, always a little more than the process that is
 * filled has taken by then.
 *
 * <p>For one thread, but that {@link #follow} starts another, which has the memory until {@link #hold}.
 */
final class PacedBallast implements AutoCloseable {
    private static final long PIECE_BYTES = 64L << 20;

    /** How far it is ahead. Memory stays warm for about a second, and nobody who is measured here takes less than this in that time. */
    private static final long LEAD_BYTES = 4 * PIECE_BYTES;

    /** In which nobody takes as much as the lead. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Of the machines that there are scripts for. */
    private static final long PAGE_BYTES = 4096;

    private final long bytes;
    private final ArrayDeque<MemoryRegion> pieces = new ArrayDeque<>();
    private ExecutorService follower;
    private volatile boolean over;

    PacedBallast(long bytes) {
        this.bytes = bytes;
    }

    /** Ends following, and takes and writes what was let go of. */
    void hold() {
        stop();
        while (pieces.size() * PIECE_BYTES < bytes) {
            MemoryRegion piece = MemoryRegion.allocate(PIECE_BYTES);
            piece.segment().fill((byte) 1);
            pieces.push(piece);
        }
    }

    /** From now on lets go of as much as a process takes. */
    void follow(long pid) throws IOException {
        long start = residentBytes(pid);
        letGo(LEAD_BYTES);
        over = false;
        follower = Executors.newSingleThreadExecutor();
        follower.execute(() -> {
            long gone = LEAD_BYTES;
            try {
                while (!over) {
                    LockSupport.parkNanos(LOOK_NANOS);
                    long due = residentBytes(pid) - start + LEAD_BYTES - gone;
                    gone += letGo(due);
                }
            } catch (IOException e) {
                // It has ended: nobody needs memory any more.
            }
        });
    }

    private long letGo(long due) {
        long gone = 0;
        while (gone + PIECE_BYTES <= due && !pieces.isEmpty()) {
            pieces.pop().close();
            gone += PIECE_BYTES;
        }
        return gone;
    }

    private static long residentBytes(long pid) throws IOException {
        try {
            return Long.parseLong(
                            Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ")[1])
                    * PAGE_BYTES;
        } catch (NoSuchFileException e) {
            throw new IOException("process must be there: pid=" + pid, e);
        }
    }

    private void stop() {
        if (follower != null) {
            over = true;
            follower.close();
            follower = null;
        }
    }

    @Override
    public void close() {
        stop();
        pieces.forEach(MemoryRegion::close);
        pieces.clear();
    }
}
