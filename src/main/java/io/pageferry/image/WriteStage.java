package io.pageferry.image;

import io.pageferry.handoff.Lane;
import io.pageferry.handoff.Lanes;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.supervision.Threads;
import java.io.IOException;

/**
 * What writes one channel's pages to the file while the channel takes the next ones in: a thread of its own, with jobs
 * swapped over a lane. Where the disk is slower than the network, the channel waits for a job to come back, and its
 * source for the channel.
 *
 * <p>All methods are the channel's. Once a write has failed nothing more is written, and the channel hears of it when
 * it next has something to do with the stage.
 */
final class WriteStage implements AutoCloseable {
    /** One is written while the channel fills the next one: more would only wait for the same disk. */
    private static final int JOBS_IN_LANE = 1;

    private final PageFile pages;
    private final BufferPool buffers;
    private final Lanes<WriteJob> lanes;
    private final Thread writer;

    private WriteJob spare; // the channel's
    private volatile Throwable failure;
    private volatile boolean abandoned;

    WriteStage(PageFile pages, BufferPool buffers) {
        this.pages = pages;
        this.buffers = buffers;
        int mostPages = buffers.bufferBytes() / pages.pageSizeBytes();
        this.lanes = new Lanes<>(1, JOBS_IN_LANE, () -> new WriteJob(mostPages));
        this.spare = new WriteJob(mostPages);
        Thread channel = Thread.currentThread();
        // Of its kind: whoever has few channels, and processors to spare, has platform threads for them.
        Thread.Builder threads =
                channel.isVirtual() ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
        this.writer = threads.name(channel.getName() + "/write").start(this::run);
    }

    /**
     * Has a batch's normal pages written by and by. The buffer that they are in goes with them, also where this fails.
     */
    void write(PageBatch batch, MemoryRegion buffer) throws IOException, InterruptedException {
        spare.fill(batch, buffer);
        requireNoFailure();
        spare = lanes.swap(spare);
    }

    /** Waits until all is written that was handed over. */
    void flush() throws IOException, InterruptedException {
        lanes.sync(SyncRequest.LOCAL);
        requireNoFailure();
    }

    private void requireNoFailure() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException failed -> throw failed;
            case Error error -> throw error;
            case RuntimeException fault -> throw fault;
            case Throwable other -> throw new IllegalStateException(other);
        }
    }

    private void run() {
        Lane<WriteJob> lane = lanes.lane(0);
        try {
            while (true) {
                switch (lane.await()) {
                    case JOB -> {
                        write(lane.job());
                        lane.jobDone();
                    }
                    case SYNC -> lane.syncDone();
                    case END -> {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody has this thread to interrupt it", e);
        }
    }

    /** Whatever is met here is the channel's to hear: were the thread to end, that would wait for ever. */
    private void write(WriteJob job) {
        try {
            try {
                if (failure == null && !abandoned) {
                    writeInUse(job);
                }
            } finally {
                buffers.giveBack(job.empty());
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    private void writeInUse(WriteJob job) throws IOException {
        long use = pages.begin();
        try {
            job.writeTo(pages);
        } finally {
            pages.end(use);
        }
    }

    /** Gives up what is not written yet. */
    @Override
    public void close() {
        abandoned = true;
        lanes.finish();
        Threads.joinUninterruptibly(writer);
        MemoryRegion notHandedOver = spare.empty();
        if (notHandedOver != null) {
            buffers.giveBack(notHandedOver);
        }
    }
}
