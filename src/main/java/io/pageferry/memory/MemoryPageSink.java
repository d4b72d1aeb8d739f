package io.pageferry.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes pages into a guest's memory in this process; they are read from the socket to where they belong.
 *
 * <p>{@linkplain WarmMemory Memory that another guest has had} must never be seen by this one. A page of it that is
 * zero is made so along with its neighbours, or at the end: {@link #finish} clears all that was not written. Before
 * that nobody may read the memory.
 */
public final class MemoryPageSink implements PageSink {
    private final GuestMemory memory;

    /**
     * QEMU's receive bitmap: pages that were written. All others are as they were: fresh and zero, or another guest's.
     */
    private final List<PageBitmap> received = new ArrayList<>();

    /** Null for a block whose memory another guest has touched. */
    private final List<FirstTouches> firstTouches = new ArrayList<>();

    /** Takes a guest none of whose pages has been written. */
    public MemoryPageSink(GuestMemory memory) {
        this.memory = memory;
        for (RamBlock block : memory.layout().blocks()) {
            received.add(new PageBitmap(block.pages()));
            firstTouches.add(memory.isUsed(block) ? null : new FirstTouches(memory.region(block)));
        }
    }

    @Override
    public RamLayout layout() {
        return memory.layout();
    }

    @Override
    public boolean takesSinglePages() {
        return true;
    }

    @Override
    public PageWriter openWriter() {
        return new Writer();
    }

    @Override
    public void read(RamBlock block, long pageOffset, ByteBuffer into) {
        if (received.get(block.index()).isSet(pageOffset / block.pageSizeBytes())) {
            memory.region(block)
                    .window(pageOffset)
                    .getBytes(MemoryRegion.inWindow(pageOffset), into, block.pageSizeBytes());
        } else {
            into.put(new byte[block.pageSizeBytes()]); // fresh, or still another guest's
        }
    }

    @Override
    public void zero(RamBlock block, long pageOffset) {
        if (received.get(block.index()).isSet(pageOffset / block.pageSizeBytes())) {
            memory.region(block).zero(pageOffset, block.pageSizeBytes());
        }
    }

    /**
     * Makes all pages zero that nobody has sent, or that were said to be. For one thread, once no writer is at work.
     */
    public void finish() {
        for (RamBlock block : memory.layout().blocks()) {
            if (memory.isUsed(block)) {
                clearStale(block);
            }
        }
    }

    private void clearStale(RamBlock block) {
        PageBitmap bitmap = received.get(block.index());
        for (long page = bitmap.nextClear(0); page < bitmap.pages(); ) {
            long end = bitmap.nextSet(page);
            memory.region(block).clear(page * block.pageSizeBytes(), (end - page) * block.pageSizeBytes());
            page = bitmap.nextClear(end);
        }
    }

    /** Marks a batch's normal pages, and has fresh memory there for them. */
    private void begin(PageBatch batch) {
        PageBitmap bitmap = received.get(batch.block().index());
        FirstTouches touches = firstTouches.get(batch.block().index());
        int pageSize = batch.block().pageSizeBytes();
        for (int slot = 0; slot < batch.normalPages(); ) {
            int run = batch.runLength(slot, batch.normalPages());
            long page = batch.offset(slot) / pageSize;
            bitmap.setRange(page, page + run);
            if (touches != null) {
                touches.touch(batch.offset(slot), (long) run * pageSize);
            }
            slot += run;
        }
    }

    private void zeroPages(PageBatch batch) {
        // Single zero pages among others are cheapest to write now; whole batches of them may become memory that is
        // given back.
        if (batch.normalPages() > 0 && memory.isUsed(batch.block())) {
            PageBitmap bitmap = received.get(batch.block().index());
            for (int slot = batch.normalPages(); slot < batch.pages(); slot++) {
                bitmap.set(batch.offset(slot) / batch.block().pageSizeBytes());
            }
        }
        for (int slot = batch.normalPages(); slot < batch.pages(); slot++) {
            zero(batch.block(), batch.offset(slot));
        }
    }

    private final class Writer implements PageWriter {
        @Override
        public void prepare(PageBatch batch, IoVector into) {
            // Marked before the bytes come: a page that was begun and not finished must never pass for fresh.
            begin(batch);
            MemoryRegion region = memory.region(batch.block());
            int pageSize = batch.block().pageSizeBytes();
            for (int slot = 0; slot < batch.normalPages(); ) {
                int run = batch.runLength(slot, batch.normalPages());
                into.add(region, batch.offset(slot), run * pageSize);
                slot += run;
            }
        }

        @Override
        public void commit(PageBatch batch) {
            zeroPages(batch);
        }

        @Override
        public void flush() {
            // What is committed is there.
        }

        @Override
        public void write(PageBatch batch, LoadedPages pages) {
            begin(batch);
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
