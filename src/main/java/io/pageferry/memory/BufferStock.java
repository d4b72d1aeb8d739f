package io.pageferry.memory;

import java.util.ArrayDeque;

/**
 * Buffers of one size that several {@linkplain BufferPool pools} take from and give back to, so that a migration that
 * has nothing on its way keeps none. What is kept for the next taker is bounded, and is freed with the last pool.
 *
 * <p>A buffer that comes back while the network may still read it is closed, and so unmapped: the next taker gets other
 * memory.
 *
 * <p>For any thread.
 */
public final class BufferStock {
    private final int bufferBytes;
    private final int views;
    private final int maxKept;

    private final ArrayDeque<MemoryRegion> free = new ArrayDeque<>(); // guarded by this
    private BufferSlab slab; // guarded by this; null before the first buffer is made
    private int pools; // guarded by this

    /**
     * Makes an empty stock.
     *
     * @param bufferBytes the size of each buffer
     * @param views how many ranges of a buffer may be in one {@link IoVector}: its pages, and what stands in front
     * @param maxKept how many that nobody uses are kept
     */
    public BufferStock(int bufferBytes, int views, int maxKept) {
        this.bufferBytes = bufferBytes;
        this.views = views;
        this.maxKept = maxKept;
    }

    int bufferBytes() {
        return bufferBytes;
    }

    /** A pool begins to take buffers. */
    synchronized void attach() {
        pools++;
    }

    /** A pool is closed. What is still borrowed from it comes back to {@link MemoryRegion#close}. */
    synchronized void detach() {
        if (--pools == 0) {
            free.forEach(MemoryRegion::close);
            free.clear();
            releaseSlab();
        }
    }

    private void releaseSlab() {
        if (slab != null) {
            slab.release();
            slab = null;
        }
    }

    synchronized MemoryRegion take() {
        // Last in, first out: the buffer that was used last is the one still in the processor's cache.
        MemoryRegion kept = free.poll();
        if (kept != null) {
            return kept;
        }
        if (slab == null || slab.isUsedUp()) {
            releaseSlab();
            slab = new BufferSlab(bufferBytes, views);
        }
        return slab.carve();
    }

    /** For a pool that is attached. */
    void giveBack(MemoryRegion buffer) {
        synchronized (this) {
            if (free.size() < maxKept && !buffer.isLent()) {
                free.push(buffer);
                return;
            }
        }
        buffer.close();
    }
}
