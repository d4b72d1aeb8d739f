package io.pageferry.codec;

import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;

/** Finds the zero pages in a batch and moves them to its end. One a channel, used by its thread only. */
public final class ZeroPages {
    private final long[] zeroOffsets;

    public ZeroPages(int capacity) {
        zeroOffsets = new long[capacity];
    }

    /**
     * Moves the batch's zero pages behind the normal ones; both keep their order. The loaded pages follow the normal
     * ones.
     */
    public void separate(PageBatch batch, LoadedPages pages) {
        int pageSize = batch.block().pageSizeBytes();
        int candidates = batch.normalPages();
        int normal = pages.nextPossibleZero(0, candidates);
        int zero = 0;
        for (int slot = normal; slot < candidates; slot++) {
            long offset = batch.offset(slot);
            long position = pages.position(slot);
            if (pages.region().isZero(position, pageSize)) {
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
}
