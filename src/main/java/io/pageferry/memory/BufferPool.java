package io.pageferry.memory;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded pool of buffers that a packet's page data fits in. Its bound is the backpressure: who finds it empty waits,
 * and reads nothing more from its peer.
 *
 * <p>For any thread. Buffers come from a {@link BufferStock} when they are needed, and go back there.
 */
public final class BufferPool implements AutoCloseable {
    private final BufferStock stock;
    private final int bound;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition returned = lock.newCondition();
    private int borrowed; // guarded by lock
    private boolean attached; // guarded by lock; from the first buffer on: a pool that is never used need not be closed
    private boolean closed; // guarded by lock

    /**
     * Makes a pool of buffers of its own.
     *
     * @param bufferBytes the size of each buffer
     * @param views how many ranges of a buffer may be in one {@link IoVector}: its pages, and what stands in front
     * @param bound how many buffers there are at the most
     */
    public BufferPool(int bufferBytes, int views, int bound) {
        this(new BufferStock(bufferBytes, views, bound), bound);
    }

    /**
     * Makes a pool that shares its buffers with others.
     *
     * @param bound how many of them are with this one's borrowers at the most
     */
    public BufferPool(BufferStock stock, int bound) {
        this.stock = stock;
        this.bound = bound;
    }

    public int bufferBytes() {
        return stock.bufferBytes();
    }

    /** Takes a buffer, waiting for one to come back where all are taken. */
    public MemoryRegion borrow() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && borrowed == bound) {
                returned.await();
            }
            if (closed) {
                throw new IllegalStateException("buffer pool is closed");
            }
            if (!attached) {
                stock.attach();
                attached = true;
            }
            MemoryRegion buffer = stock.take();
            borrowed++;
            return buffer;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a buffer back. One that the network may still read ({@link MemoryRegion#isLent}) is unmapped, and another
     * may be borrowed in its place.
     */
    public void giveBack(MemoryRegion buffer) {
        lock.lock();
        try {
            borrowed--;
            returned.signal();
            if (closed) {
                buffer.close();
            } else {
                stock.giveBack(buffer);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many buffers are with borrowers now. */
    public int borrowed() {
        lock.lock();
        try {
            return borrowed;
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the buffers that are here, and frees each borrowed one when it comes back. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                if (attached) {
                    stock.detach();
                }
                returned.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
