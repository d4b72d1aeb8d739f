package io.pageferry.image;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import java.io.IOException;

/**
 * One channel's way into an image. Page data is read from the network into a pooled buffer, and written from there
 * {@linkplain WriteStage meanwhile}: a mapped file would cost a page fault for each page, which is ten times slower.
 */
final class ImagePageWriter implements PageWriter {
    private final PageFile pages;
    private final BufferPool buffers;
    private final IoVector run = new IoVector(1);

    private MemoryRegion buffer; // null where no batch is prepared that has normal pages
    private WriteStage stage; // null until one is committed

    ImagePageWriter(PageFile pages, BufferPool buffers) {
        this.pages = pages;
        this.buffers = buffers;
    }

    @Override
    public void prepare(PageBatch batch, IoVector into) throws InterruptedException {
        if (batch.normalPages() > 0) {
            buffer = buffers.borrow();
            into.add(buffer, 0, batch.normalPages() * batch.block().pageSizeBytes());
        }
    }

    @Override
    public void commit(PageBatch batch) throws IOException, InterruptedException {
        pages.end(pages.begin()); // for zero pages, too
        note(batch);
        if (buffer != null) {
            if (stage == null) {
                stage = new WriteStage(pages, buffers);
            }
            MemoryRegion full = buffer;
            buffer = null;
            stage.write(batch, full);
        }
    }

    /** In the order in which batches are committed, whenever they are written. */
    private void note(PageBatch batch) {
        int pageSize = batch.block().pageSizeBytes();
        for (int slot = 0; slot < batch.normalPages(); ) {
            int length = batch.runLength(slot, batch.normalPages());
            pages.haveCome(batch.block(), batch.offset(slot), length * pageSize);
            slot += length;
        }
        for (int slot = batch.normalPages(); slot < batch.pages(); slot++) {
            pages.present(batch.block()).clear(batch.offset(slot) / pageSize);
        }
    }

    @Override
    public void flush() throws IOException, InterruptedException {
        if (stage != null) {
            stage.flush();
        }
    }

    @Override
    public void write(PageBatch batch, LoadedPages loaded) throws IOException, InterruptedException {
        flush();
        long use = pages.begin();
        try {
            writePages(batch, loaded);
        } finally {
            pages.end(use);
        }
        note(batch);
    }

    private void writePages(PageBatch batch, LoadedPages loaded) throws IOException {
        int pageSize = batch.block().pageSizeBytes();
        for (int slot = 0; slot < batch.normalPages(); ) {
            long position = loaded.position(slot);
            int length = 1;
            int longest = batch.runLength(slot, batch.normalPages());
            // A run must lie together in the file, in memory, and in one window of the memory.
            while (length < longest
                    && loaded.position(slot + length) == position + (long) length * pageSize
                    && MemoryRegion.inWindow(loaded.position(slot + length)) != 0) {
                length++;
            }
            writeRun(batch.block(), batch.offset(slot), loaded.region(), position, length * pageSize);
            slot += length;
        }
    }

    private void writeRun(RamBlock block, long offset, MemoryRegion from, long position, int lengthBytes)
            throws IOException {
        run.clear();
        run.add(from, position, lengthBytes);
        pages.write(block, offset, run.buffers()[0]);
    }

    @Override
    public void close() {
        if (stage != null) {
            stage.close();
        }
        if (buffer != null) {
            buffers.giveBack(buffer);
            buffer = null;
        }
    }
}
