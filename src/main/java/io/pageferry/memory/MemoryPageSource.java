package io.pageferry.memory;

import java.nio.ByteBuffer;
import java.util.List;

/** The pages of a guest that lives in this process. Nothing is copied to load a page: it is sent from where it is. */
public final class MemoryPageSource implements PageSource {
    private final GuestMemory memory;
    private final List<PageBitmap> present;

    /** Takes a guest all of whose pages may have been written. */
    public MemoryPageSource(GuestMemory memory) {
        this.memory = memory;
        this.present = memory.layout().blocks().stream()
                .map(block -> {
                    PageBitmap all = new PageBitmap(block.pages());
                    all.setAll();
                    return all;
                })
                .toList();
    }

    @Override
    public RamLayout layout() {
        return memory.layout();
    }

    @Override
    public PageBitmap present(RamBlock block) {
        return present.get(block.index());
    }

    @Override
    public boolean isInMemory() {
        return true;
    }

    @Override
    public PageReader openReader() {
        return new Reader();
    }

    private final class Reader implements PageReader {
        @Override
        public void load(PageBatch batch, LoadedPages into) {
            into.begin(memory.region(batch.block()));
            for (int slot = 0; slot < batch.normalPages(); slot++) {
                into.position(slot, batch.offset(slot));
            }
        }

        @Override
        public void read(PageBatch batch, IoVector into) {
            MemoryRegion region = memory.region(batch.block());
            int pageSize = batch.block().pageSizeBytes();
            int buffer = 0;
            for (int slot = 0; slot < batch.normalPages(); slot++) {
                while (!into.buffers()[buffer].hasRemaining()) {
                    buffer++;
                }
                ByteBuffer target = into.buffers()[buffer];
                long position = batch.offset(slot);
                region.window(position).getBytes(MemoryRegion.inWindow(position), target, target.position(), pageSize);
                target.position(target.position() + pageSize);
            }
        }

        @Override
        public void release() {}

        @Override
        public void close() {}
    }
}
