package io.pageferry.memory;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory that several buffers share, freed with the last of them: one page of 2 MiB where the kernel has such. Each
 * packet of an image past the page cache is handed to the disk in place, and 512 KiB that lie together are cheaper for
 * it than 128 pages that lie anywhere.
 *
 * <p>No part of it is a buffer twice. One that the network may still read when it is closed goes at once, by itself.
 *
 * <p>Made and carved by one thread at a time; its buffers are closed by any.
 */
final class BufferSlab {
    /** What reads and writes past the page cache begin on. */
    private static final int ALIGNMENT = 4096;

    private final NativeMemory.Mapping mapping;
    private final int bufferBytes;
    private final int views;
    private final int strideBytes;
    private final int buffers;
    private int carved;

    /** Its buffers, and who carves them. */
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * Takes the memory.
     *
     * @param views how many ranges of a buffer may be in one {@link IoVector}
     */
    BufferSlab(int bufferBytes, int views) {
        this.bufferBytes = bufferBytes;
        this.views = views;
        this.strideBytes = Math.ceilDiv(bufferBytes, ALIGNMENT) * ALIGNMENT;
        this.buffers = Math.max(1, (int) (NativeMemory.HUGE_PAGE_BYTES / strideBytes));
        this.mapping = NativeMemory.map(Math.max(NativeMemory.HUGE_PAGE_BYTES, strideBytes));
    }

    boolean isUsedUp() {
        return carved == buffers;
    }

    /** A buffer that nobody has had yet, while it is not {@linkplain #isUsedUp used up}. */
    MemoryRegion carve() {
        long address = mapping.address() + (long) carved * strideBytes;
        MemoryRegion buffer = new MemoryRegion(address, bufferBytes, views, lent -> release(address, lent));
        users.incrementAndGet();
        carved++;
        return buffer;
    }

    private void release(long address, boolean lent) {
        if (lent) {
            NativeMemory.vacate(address, strideBytes);
        }
        release();
    }

    /** Nothing is carved from it any more. */
    void release() {
        if (users.decrementAndGet() == 0) {
            NativeMemory.unmap(mapping);
        }
    }
}
