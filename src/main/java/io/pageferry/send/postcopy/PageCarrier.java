package io.pageferry.send.postcopy;

import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.RamBlock;
import java.io.IOException;

/** Brings pages from where they lie to a stream, a few at a time. Belongs to one thread. */
final class PageCarrier implements AutoCloseable {
    private final PageBatch batch;
    private final long[] zeroOffsets; // a batch has them behind the others
    private int zeros;
    private final LoadedPages loaded;
    private final PageLoader loader;

    /**
     * Makes one.
     *
     * @param pages how many it carries at the most
     */
    PageCarrier(LoadingPageSource source, int pages) throws IOException {
        batch = new PageBatch(0, pages);
        zeroOffsets = new long[pages];
        loaded = new LoadedPages(pages);
        loader = source.openReader();
    }

    /** Empties it, for pages of a block. */
    void begin(RamBlock block) {
        batch.begin(block);
        zeros = 0;
    }

    /** Adds a page that has been claimed. */
    void add(long page, boolean present) {
        long offset = page * batch.block().pageSizeBytes();
        if (present) {
            batch.add(offset);
        } else {
            zeroOffsets[zeros++] = offset;
        }
    }

    boolean isEmpty() {
        return batch.pages() + zeros == 0;
    }

    boolean isFull() {
        return batch.pages() + zeros == batch.capacity();
    }

    /** Reads what was added. */
    void load() throws IOException, InterruptedException {
        for (int i = 0; i < zeros; i++) {
            batch.addZero(zeroOffsets[i]);
        }
        zeros = 0;
        loader.load(batch, loaded);
    }

    /** Writes what was loaded, in its caller's turn, and lets go of it. */
    void unload(PageStream stream) throws IOException {
        try {
            stream.write(batch, loaded);
        } finally {
            loader.release();
        }
    }

    @Override
    public void close() {
        loader.close();
    }
}
