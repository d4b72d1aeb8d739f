package io.pageferry.send;

import io.pageferry.codec.ZeroPages;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.handoff.Lanes;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.PageSource;
import io.pageferry.memory.RamBlock;
import java.io.IOException;

/**
 * Turns the dirty pages of a round into batches and hands them to the channels. Belongs to the main thread.
 *
 * <p>Pages that the source knows to be zero are not read: they go into batches of their own, or to the main channel where the destination wants them
 * there.
 */
final class RoundPlanner implements AutoCloseable {
    /** Takes the zero pages that do not go through the channels. */
    @FunctionalInterface
    interface ZeroPageOutput {
        void zeroPage(RamBlock block, long pageOffset) throws IOException;
    }

    private final PageSource source;
    private final Lanes<PageBatch> lanes;
    private final RateLimiter limiter;
    private final boolean zeroPagesOnChannels;
    private final ZeroPageOutput zeroPages;
    private final PageReader reader;
    private final boolean looksItself;

    private final LoadedPages loaded;
    private final ZeroPages finder;
    private PageBatch normal;
    private PageBatch zero;

    /**
     * Makes a planner.
     *
     * @param empty two empty batches like those in the lanes
     * @param zeroPages where zero pages go that do not go through the channels
     */
    RoundPlanner(
            PageSource source,
            Lanes<PageBatch> lanes,
            PageBatch[] empty,
            RateLimiter limiter,
            ZeroPageDetection detection,
            ZeroPageOutput zeroPages)
            throws IOException {
        this.source = source;
        this.lanes = lanes;
        this.normal = empty[0];
        this.zero = empty[1];
        this.limiter = limiter;
        this.zeroPagesOnChannels = detection != ZeroPageDetection.LEGACY;
        this.zeroPages = zeroPages;
        this.loaded = new LoadedPages(normal.capacity());
        this.finder = new ZeroPages(normal.capacity());
        // Looking at a page before a channel loads it only makes sense where loading costs nothing.
        this.looksItself = detection == ZeroPageDetection.LEGACY && source.isInMemory();
        this.reader = looksItself ? source.openReader() : null;
    }

    /** Hands over all pages of a block that are marked. */
    void send(RamBlock block, PageBitmap marked) throws IOException, InterruptedException {
        PageBitmap present = source.present(block);
        normal.begin(block);
        zero.begin(block);
        long page = marked.nextSet(0);
        while (page < marked.pages()) {
            long end = marked.nextClear(page);
            while (page < end) {
                boolean there = present.isSet(page);
                long runEnd = Math.min(end, there ? present.nextClear(page) : present.nextSet(page));
                if (there) {
                    addNormal(block, page, runEnd);
                } else {
                    addZero(block, page, runEnd);
                }
                page = runEnd;
            }
            page = marked.nextSet(end);
        }
        handOverNormal(block);
        if (!zero.isEmpty()) {
            zero = handOver(zero, block);
        }
    }

    private void addNormal(RamBlock block, long from, long to) throws IOException, InterruptedException {
        for (long page = from; page < to; ) {
            page += normal.addRun(page * block.pageSizeBytes(), to - page);
            if (normal.isFull()) {
                handOverNormal(block);
            }
        }
    }

    private void addZero(RamBlock block, long from, long to) throws IOException, InterruptedException {
        for (long page = from; page < to; page++) {
            long offset = page * block.pageSizeBytes();
            if (zeroPagesOnChannels) {
                zero.addZero(offset);
                if (zero.isFull()) {
                    zero = handOver(zero, block);
                }
            } else {
                zeroPages.zeroPage(block, offset);
            }
        }
    }

    private void handOverNormal(RamBlock block) throws IOException, InterruptedException {
        if (looksItself && !normal.isEmpty()) {
            reader.load(normal, loaded);
            finder.separate(normal, loaded);
            for (int slot = normal.normalPages(); slot < normal.pages(); slot++) {
                zeroPages.zeroPage(block, normal.offset(slot));
            }
            normal.divide(normal.normalPages(), 0);
            reader.release();
        }
        if (!normal.isEmpty()) {
            normal = handOver(normal, block);
        } else {
            normal.begin(block);
        }
    }

    private PageBatch handOver(PageBatch batch, RamBlock block) throws InterruptedException {
        limiter.pace();
        batch.handedOffNanos(System.nanoTime());
        PageBatch empty = lanes.swap(batch);
        empty.begin(block);
        return empty;
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
