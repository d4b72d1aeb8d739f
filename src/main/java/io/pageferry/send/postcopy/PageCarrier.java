package io.pageferry.send.postcopy;

import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageLoader;
import java.io.IOException;

/** Brings pages from where they lie to a stream, a few at a time. Belongs to one thread. */
final class PageCarrier implements AutoCloseable {
    private final PageBatch batch;
    private final LoadedPages loaded;
    private final PageLoader loader;

    /**
     * Makes one.
     *
     * @param pages how many it carries at the most
     */
    PageCarrier(LoadingPageSource source, int pages) throws IOException {
        batch = new PageBatch(0, pages);
        loaded = new LoadedPages(pages);
        loader = source.openReader();
    }

    /** What is to be carried, claimed by who fills it: first the pages with content, then the zero ones. */
    PageBatch batch() {
        return batch;
    }

    /** Reads what the batch names. */
    void load() throws IOException, InterruptedException {
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
