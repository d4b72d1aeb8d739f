package io.pageferry.memory;

import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import io.pageferry.supervision.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Memory of guests that have gone, kept for the next ones: the first touch of fresh memory, when the kernel clears it,
 * costs as much as receiving it.
 *
 * <p>For any thread. It is bounded, and what nobody has wanted for a while goes back to the kernel: a virtual thread of
 * its own sees to that. Memory fits a block of just its size only, as the guests of a host often have the same few
 * sizes.
 *
 * <p>What is kept still has the former guest's bytes in it. {@link GuestMemory} says so, and {@link MemoryPageSink}
 * lets nobody see them.
 */
public final class WarmMemory implements AutoCloseable {
    private final long maxBytes;
    private final long keepNanos;
    private final Thread trimmer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Kept> kept = new ArrayDeque<>(); // guarded by lock, the oldest first
    private long keptBytes; // guarded by lock
    private boolean closed; // guarded by lock

    private record Kept(MemoryRegion region, long sinceNanos) {}

    /**
     * Makes an empty one.
     *
     * @param maxBytes how much is kept at the most; for more, the oldest goes
     * @param keepFor how long a region waits for its next guest
     */
    public WarmMemory(long maxBytes, Duration keepFor) {
        this.maxBytes = maxBytes;
        this.keepNanos = keepFor.toNanos();
        this.trimmer = Loop.start(Place.HOUSEKEEPING, "warm-memory", this::trimWhenDue);
    }

    /** Takes a region of just this size, or null where none is kept. It is full of what somebody else has written. */
    MemoryRegion take(long sizeBytes) {
        lock.lock();
        try {
            // The newest first: what has waited longest is the next to be given back.
            for (Iterator<Kept> newest = kept.descendingIterator(); newest.hasNext(); ) {
                MemoryRegion region = newest.next().region;
                if (region.sizeBytes() == sizeBytes) {
                    newest.remove();
                    keptBytes -= sizeBytes;
                    return region;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over a region that nobody uses any more, to keep it or to close it: it is closed where the network may
     * still read it.
     */
    void giveBack(MemoryRegion region) {
        lock.lock();
        try {
            if (closed || region.isLent() || region.sizeBytes() > maxBytes) {
                region.close();
                return;
            }
            while (keptBytes > maxBytes - region.sizeBytes()) {
                closeOldest();
            }
            kept.add(new Kept(region, System.nanoTime()));
            keptBytes += region.sizeBytes();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** How much is kept now. */
    public long keptBytes() {
        lock.lock();
        try {
            return keptBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Gives all that is kept back to the kernel. */
    public void trim() {
        lock.lock();
        try {
            while (!kept.isEmpty()) {
                closeOldest();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean trimWhenDue() throws InterruptedException {
        lock.lock();
        try {
            if (!closed && kept.isEmpty()) {
                changed.await();
            } else if (!closed) {
                long left = keepNanos - (System.nanoTime() - kept.peek().sinceNanos);
                if (left > 0) {
                    changed.await(left, TimeUnit.NANOSECONDS);
                } else {
                    closeOldest();
                }
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void closeOldest() {
        MemoryRegion region = kept.remove().region;
        keptBytes -= region.sizeBytes();
        region.close();
    }

    /** Gives everything back, and what comes back later at once. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            trim();
            changed.signal();
        } finally {
            lock.unlock();
        }
        Threads.joinUninterruptibly(trimmer);
    }
}
