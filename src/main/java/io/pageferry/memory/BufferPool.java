package io.pageferry.memory;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded pool of buffers that a packet's page data fits in. Its bound is the backpressure: who finds it empty waits, and
 * reads nothing more from its peer.
 *
 * <p>For any thread. Buffers are made when they are first needed and kept until the pool is closed.
 */
public final class BufferPool implements AutoCloseable {
    private final int bufferBytes;
    private final int views;
    private final int bound;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition returned = lock.newCondition();
    private final ArrayDeque<MemoryRegion> free = new ArrayDeque<>(); // guarded by lock
    private int made; // guarded by lock
    private boolean closed; // guarded by lock

    /**
     * Makes an empty pool.
     *
     * @param bufferBytes the size of each buffer
     * @param views how many ranges of a buffer may be in one {@link IoVector}: its pages, and what stands in front
     * @param bound how many buffers there are at the most
     */
    public BufferPool(int bufferBytes, int views, int bound) {
        this.bufferBytes = bufferBytes;
        this.views = views;
        this.bound = bound;
    }

    public int bufferBytes() {
        return bufferBytes;
    }

    /** Takes a buffer, waiting for one to come back where all are taken. */
    public MemoryRegion borrow() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && free.isEmpty() && made == bound) {
                returned.await();
            }
            if (closed) {
                throw new IllegalStateException("buffer pool is closed");
            }
            if (free.isEmpty()) {
                MemoryRegion buffer = MemoryRegion.allocateExclusive(bufferBytes, views);
                made++;
                return buffer;
            }
            return free.pop();
        } finally {
            lock.unlock();
        }
    }

    public void giveBack(MemoryRegion buffer) {
        lock.lock();
        try {
            if (closed) {
                made--;
                buffer.close();
            } else {
                // Last in, first out: the buffer that was used last is the one still in the processor's cache.
                free.push(buffer);
                returned.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many buffers are with borrowers now. */
    public int borrowed() {
        lock.lock();
        try {
            return made - free.size();
        } finally {
            lock.unlock();
        }
    }

    /** Frees the buffers that are here, and each borrowed one when it comes back. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            made -= free.size();
            free.forEach(MemoryRegion::close);
            free.clear();
            returned.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
