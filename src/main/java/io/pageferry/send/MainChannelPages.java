package io.pageferry.send;

import io.pageferry.codec.ZeroPages;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageLoader;
import java.io.IOException;

/**
 * Does a planner's jobs at once, on the main thread: loads their pages, finds the zero ones among them, and writes them
 * into the main stream.
 */
final class MainChannelPages implements JobTarget {
    private final MainSender stream;
    private final RamRecords records;
    private final PageLoader reader;
    private final boolean findZeroPages;
    private final LoadedPages loaded;
    private final ZeroPages finder;

    /**
     * Makes one.
     *
     * @param slots how many pages a batch has at the most
     * @param findZeroPages whether loaded pages are looked at
     */
    MainChannelPages(MainSender stream, LoadingPageSource source, int slots, boolean findZeroPages) throws IOException {
        this.stream = stream;
        this.records = stream.records();
        this.findZeroPages = findZeroPages;
        this.loaded = new LoadedPages(slots);
        this.finder = new ZeroPages(slots);
        this.reader = source.openReader();
    }

    @Override
    public int channels() {
        return 1;
    }

    @Override
    public SendJob swap(SendJob full) throws IOException, InterruptedException {
        for (int i = 0; i < full.batches(); i++) {
            PageBatch batch = full.batch(i);
            reader.load(batch, loaded);
            if (findZeroPages) {
                finder.separate(batch, loaded);
            }
            records.batch(batch, loaded);
            reader.release();
        }
        stream.endSectionWhereLong();
        return full;
    }

    @Override
    public void close() {
        reader.close();
    }
}
