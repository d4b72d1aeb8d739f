package io.pageferry.image;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;
import java.io.IOException;

/**
 * The pages of one batch on their way to the file: they lie back to back in a buffer, in runs of neighbours. Handed
 * over by pointer; only its holder may touch it, and the buffer.
 */
final class WriteJob {
    private final IoVector run = new IoVector(1);
    private final long[] offsets;
    private final int[] lengths;

    private int runs;
    private RamBlock block;
    private MemoryRegion buffer;

    /** Makes an empty one for so many pages. */
    WriteJob(int pages) {
        offsets = new long[pages];
        lengths = new int[pages];
    }

    /** Takes a batch's normal pages, which are in a buffer, and the buffer with them. */
    void fill(PageBatch batch, MemoryRegion from) {
        block = batch.block();
        buffer = from;
        runs = 0;
        for (int slot = 0; slot < batch.normalPages(); ) {
            int length = batch.runLength(slot, batch.normalPages());
            offsets[runs] = batch.offset(slot);
            lengths[runs++] = length * block.pageSizeBytes();
            slot += length;
        }
    }

    void writeTo(PageFile pages) throws IOException {
        long position = 0;
        for (int i = 0; i < runs; i++) {
            run.clear();
            run.add(buffer, position, lengths[i]);
            pages.write(block, offsets[i], run.buffers()[0]);
            position += lengths[i];
        }
    }

    /** Gives up the buffer. */
    MemoryRegion empty() {
        MemoryRegion emptied = buffer;
        buffer = null;
        return emptied;
    }
}
