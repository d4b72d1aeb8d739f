package io.pageferry.memory;

import java.util.List;

/** Takes pages into a guest's memory in this process; they are read from the socket to where they belong. */
public final class MemoryPageSink implements PageSink {
    private final GuestMemory memory;

    /** QEMU's receive bitmap: pages that were written. All others are fresh, and zero as they are. */
    private final List<PageBitmap> received;

    /** Takes a guest whose memory is fresh. */
    public MemoryPageSink(GuestMemory memory) {
        this.memory = memory;
        this.received = memory.layout().blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
    }

    @Override
    public RamLayout layout() {
        return memory.layout();
    }

    @Override
    public PageWriter openWriter() {
        return new Writer();
    }

    @Override
    public void zero(RamBlock block, long pageOffset) {
        if (received.get(block.index()).isSet(pageOffset / block.pageSizeBytes())) {
            memory.region(block).zero(pageOffset, block.pageSizeBytes());
        }
    }

    private void markReceived(PageBatch batch) {
        PageBitmap bitmap = received.get(batch.block().index());
        int pageSize = batch.block().pageSizeBytes();
        for (int slot = 0; slot < batch.normalPages(); ) {
            int run = batch.runLength(slot, batch.normalPages());
            long page = batch.offset(slot) / pageSize;
            bitmap.setRange(page, page + run);
            slot += run;
        }
    }

    private void zeroPages(PageBatch batch) {
        for (int slot = batch.normalPages(); slot < batch.pages(); slot++) {
            zero(batch.block(), batch.offset(slot));
        }
    }

    private final class Writer implements PageWriter {
        @Override
        public void prepare(PageBatch batch, IoVector into) {
            // Marked before the bytes come: a page that was begun and not finished must never pass for fresh.
            markReceived(batch);
            MemoryRegion region = memory.region(batch.block());
            int pageSize = batch.block().pageSizeBytes();
            for (int slot = 0; slot < batch.normalPages(); slot++) {
                into.add(region, batch.offset(slot), pageSize);
            }
        }

        @Override
        public void commit(PageBatch batch) {
            zeroPages(batch);
        }

        @Override
        public void write(PageBatch batch, LoadedPages pages) {
            markReceived(batch);
            MemoryRegion target = memory.region(batch.block());
            int pageSize = batch.block().pageSizeBytes();
            for (int slot = 0; slot < batch.normalPages(); slot++) {
                long from = pages.position(slot);
                long to = batch.offset(slot);
                target.window(to)
                        .putBytes(
                                MemoryRegion.inWindow(to),
                                pages.region().window(from),
                                MemoryRegion.inWindow(from),
                                pageSize);
            }
            zeroPages(batch);
        }

        @Override
        public void close() {}
    }
}
