package io.pageferry.memory;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The pages of a guest that lives in this process. Nothing is copied to load a page: it is sent from where it is.
 * Memory that the guest has never touched is not looked at.
 */
public final class MemoryPageSource implements LoadingPageSource {
    private final GuestMemory memory;
    private final List<PageBitmap> touched;

    /** Takes a guest, whatever of its memory has been written. */
    public MemoryPageSource(GuestMemory memory) {
        this.memory = memory;
        this.touched = memory.layout().blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
    }

    @Override
    public RamLayout layout() {
        return memory.layout();
    }

    @Override
    public PageBitmap present(RamBlock block) {
        PageBitmap bitmap = touched.get(block.index());
        TouchedPages.addTo(bitmap, memory.region(block), block.pageSizeBytes());
        return bitmap;
    }

    @Override
    public boolean isInMemory() {
        return true;
    }

    @Override
    public PageLoader openReader() {
        return new Reader();
    }

    private final class Reader implements PageLoader {
        @Override
        public void load(PageBatch batch, LoadedPages into) {
            into.inPlace(batch, memory.region(batch.block()));
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
