package io.pageferry.memory;

import java.io.IOException;

/** Reads single pages, the slow and simple way. */
final class PageReading {
    private PageReading() {}

    /** A page as the guest would find it. */
    static byte[] page(LoadingPageSource source, RamBlock block, long pageOffset)
            throws IOException, InterruptedException {
        byte[] bytes = new byte[block.pageSizeBytes()];
        if (source.present(block).isSet(pageOffset / block.pageSizeBytes())) {
            PageBatch batch = new PageBatch(0, 1);
            batch.begin(block);
            batch.add(pageOffset);
            LoadedPages loaded = new LoadedPages(1);
            try (PageLoader reader = source.openReader()) {
                reader.load(batch, loaded);
                copy(loaded, 0, bytes);
            }
        }
        return bytes;
    }

    /** The bytes of a page that is loaded. */
    static void copy(LoadedPages loaded, int slot, byte[] into) {
        long position = loaded.position(slot);
        loaded.region().window(position).getBytes(MemoryRegion.inWindow(position), into);
    }
}
