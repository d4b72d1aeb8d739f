package io.pageferry.send;

import io.pageferry.codec.ZeroPages;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.RamBlock;
import java.io.IOException;

/**
 * Turns the dirty pages of a round into batches and hands them over, several at a time while there are many. Belongs to
 * the main thread.
 *
 * <p>Pages that the source knows to be zero are not read: they go into batches of their own, or to the main channel
 * where the destination wants them there.
 */
final class RoundPlanner implements AutoCloseable {
    /** Takes the zero pages that do not go through the channels. */
    @FunctionalInterface
    interface ZeroPageOutput {
        void zeroPage(RamBlock block, long pageOffset) throws IOException;
    }

    private final LoadingPageSource source;
    private final JobTarget target;
    private final RateLimiter limiter;
    private final boolean zeroPagesOnChannels;
    private final ZeroPageOutput zeroPages;
    private final PageLoader reader;
    private final boolean looksItself;

    private final int slots;
    private final LoadedPages loaded;
    private final ZeroPages finder;
    private SendJob normal;
    private SendJob zero;
    private long unplannedPages; // of those that are marked in the block

    /**
     * Makes a planner.
     *
     * @param target where jobs go; closed with it
     * @param empty two empty jobs like those that it gives back
     * @param zeroPages where zero pages go that do not go through the channels
     */
    RoundPlanner(
            LoadingPageSource source,
            JobTarget target,
            SendJob[] empty,
            RateLimiter limiter,
            ZeroPageDetection detection,
            ZeroPageOutput zeroPages)
            throws IOException {
        this.source = source;
        this.target = target;
        this.normal = empty[0];
        this.zero = empty[1];
        this.limiter = limiter;
        this.zeroPagesOnChannels = detection != ZeroPageDetection.LEGACY;
        this.zeroPages = zeroPages;
        this.slots = normal.batch(0).capacity();
        this.loaded = new LoadedPages(slots);
        this.finder = new ZeroPages(slots);
        // Looking at a page before a channel loads it only makes sense where loading costs nothing.
        this.looksItself = detection == ZeroPageDetection.LEGACY && source.isInMemory();
        this.reader = looksItself ? source.openReader() : null;
    }

    /**
     * One that writes all pages into the main stream itself.
     *
     * @param empty two jobs, which stay with it
     */
    static RoundPlanner ofMainChannel(
            LoadingPageSource source,
            MainSender stream,
            SendJob[] empty,
            RateLimiter limiter,
            ZeroPageDetection detection)
            throws IOException {
        JobTarget pages =
                new MainChannelPages(stream, source, empty[0].batch(0).capacity(), detection != ZeroPageDetection.NONE);
        // Its batches have the zero pages that are known, too; the others are found when a batch is loaded.
        return new RoundPlanner(source, pages, empty, limiter, ZeroPageDetection.MULTIFD, stream.records()::zeroPage);
    }

    /** Hands over all pages of a block that are marked. */
    void send(RamBlock block, PageBitmap marked) throws IOException, InterruptedException {
        PageBitmap present = source.present(block);
        unplannedPages = marked.count();
        begin(normal, block, SendJob.MOST_BATCHES_OF_DATA);
        begin(zero, block, SendJob.MOST_BATCHES);
        for (long page = marked.nextSet(0); page < marked.pages(); ) {
            long end = marked.nextClear(page);
            while (page < end) {
                boolean isPresent = present.isSet(page);
                long runEnd = isPresent ? present.nextClear(page, end) : present.nextSet(page, end);
                if (isPresent) {
                    addNormal(block, page, runEnd);
                } else if (zeroPagesOnChannels) {
                    addZeros(block, page, runEnd);
                } else {
                    sendZeroPages(block, page, runEnd);
                }
                page = runEnd;
            }
            page = marked.nextSet(end);
        }
        separateCurrent(block);
        if (!normal.isEmpty()) {
            handOverNormal(block);
        }
        if (!zero.isEmpty()) {
            handOverZeros(block);
        }
    }

    private void begin(SendJob job, RamBlock block, int mostBatches) {
        int batches = limiter.isLimited() ? 1 : SendJob.batches(unplannedPages / slots, target.channels());
        job.begin(block, Math.min(batches, mostBatches));
    }

    private void addNormal(RamBlock block, long page, long end) throws IOException, InterruptedException {
        for (long next = page; next < end; ) {
            int added = normal.current().addRun(next * block.pageSizeBytes(), end - next);
            next += added;
            unplannedPages -= added;
            if (normal.current().isFull()) {
                separateCurrent(block);
                if (!normal.current().isEmpty() && !normal.next()) {
                    handOverNormal(block);
                }
            }
        }
    }

    private void addZeros(RamBlock block, long page, long end) throws IOException, InterruptedException {
        for (long next = page; next < end; ) {
            int added = zero.current().addZeroRun(next * block.pageSizeBytes(), end - next);
            next += added;
            unplannedPages -= added;
            if (zero.current().isFull() && !zero.next()) {
                handOverZeros(block);
            }
        }
    }

    private void sendZeroPages(RamBlock block, long page, long end) throws IOException {
        for (long next = page; next < end; next++) {
            zeroPages.zeroPage(block, next * block.pageSizeBytes());
        }
        unplannedPages -= end - page;
    }

    /** Takes the zero pages out of the batch that is being filled, where that is for this thread to do. */
    private void separateCurrent(RamBlock block) throws IOException, InterruptedException {
        PageBatch batch = normal.current();
        if (!looksItself || batch.isEmpty()) {
            return;
        }
        reader.load(batch, loaded);
        finder.separate(batch, loaded);
        for (int slot = batch.normalPages(); slot < batch.pages(); slot++) {
            zeroPages.zeroPage(block, batch.offset(slot));
        }
        batch.divide(batch.normalPages(), 0);
        reader.release();
    }

    private void handOverNormal(RamBlock block) throws IOException, InterruptedException {
        normal = handOver(normal);
        begin(normal, block, SendJob.MOST_BATCHES_OF_DATA);
    }

    private void handOverZeros(RamBlock block) throws IOException, InterruptedException {
        zero = handOver(zero);
        begin(zero, block, SendJob.MOST_BATCHES);
    }

    private SendJob handOver(SendJob job) throws IOException, InterruptedException {
        limiter.pace();
        job.handedOffNanos(System.nanoTime());
        return target.swap(job);
    }

    @Override
    public void close() {
        target.close();
        if (reader != null) {
            reader.close();
        }
    }
}
