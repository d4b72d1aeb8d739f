package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import java.nio.ByteBuffer;

/**
 * Room for the compressed data of the packet at hand, taken from a pool for as long as it is needed. Belongs to one
 * thread.
 */
final class BorrowedBuffer {
    private final BufferPool pool;
    private final IoVector view = new IoVector(1);
    private MemoryRegion region;

    BorrowedBuffer(BufferPool pool) {
        this.pool = pool;
    }

    /** Borrows room; waits where there is none. */
    void borrow(int lengthBytes) throws InterruptedException {
        region = pool.borrow();
        view.clear();
        view.add(region, 0, lengthBytes);
    }

    /** The room, from its beginning. */
    IoVector vector() {
        return view;
    }

    /** The room as the one buffer that it is. */
    ByteBuffer bytes() {
        return view.buffers()[0];
    }

    /** Gives the room back, where there is any. */
    void release() {
        if (region != null) {
            pool.giveBack(region);
            region = null;
        }
    }
}
