package io.pageferry.codec;

import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds the zero pages in a batch and moves them to its end. One a channel, used by its thread only. */
public final class ZeroPages {
    /**
     * How much is looked at between two decisions. Most pages that are not zero say so in their first bytes, so the first look is
     * short; long enough runs without a branch let the compiler use vector instructions.
     */
    private static final int STRIDE_BYTES = 512;

    private final long[] zeroOffsets;

    public ZeroPages(int capacity) {
        zeroOffsets = new long[capacity];
    }

    /** Moves the batch's zero pages behind the normal ones; both keep their order. The loaded pages follow the normal ones. */
    public void separate(PageBatch batch, LoadedPages pages) {
        int pageSize = batch.block().pageSizeBytes();
        int candidates = batch.normalPages();
        int normal = 0;
        int zero = 0;
        for (int slot = 0; slot < candidates; slot++) {
            long offset = batch.offset(slot);
            long position = pages.position(slot);
            if (isZero(pages.region(), position, pageSize)) {
                zeroOffsets[zero++] = offset;
            } else {
                if (normal != slot) {
                    batch.offset(normal, offset);
                    pages.position(normal, position);
                }
                normal++;
            }
        }
        if (zero > 0) {
            for (int i = 0; i < zero; i++) {
                batch.offset(normal + i, zeroOffsets[i]);
            }
            batch.divide(normal, zero + batch.zeroPages());
        }
    }

    /** Whether all bytes of a page are zero. Pages are whole strides, and begin at one: the smallest has 1 KiB. */
    public static boolean isZero(MemoryRegion region, long position, int lengthBytes) {
        MemorySegment segment = region.segment();
        if (segment.get(ValueLayout.JAVA_LONG, position) != 0) {
            return false;
        }
        for (long start = position; start < position + lengthBytes; start += STRIDE_BYTES) {
            long bits = 0;
            for (int i = 0; i < STRIDE_BYTES; i += Long.BYTES) {
                bits |= segment.get(ValueLayout.JAVA_LONG, start + i);
            }
            if (bits != 0) {
                return false;
            }
        }
        return true;
    }
}
