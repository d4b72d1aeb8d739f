package io.pageferry.send;

import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageWriter;
import io.pageferry.metrics.ChannelStats;
import java.io.IOException;

/**
 * Writes batches to their places in a checkpoint ({@code file_write_ramblock_iov}). A sync concerns nobody but this
 * process.
 */
final class CheckpointOutput implements BatchOutput {
    private final PageWriter writer;
    private final ChannelStats stats;

    CheckpointOutput(PageWriter writer, ChannelStats stats) {
        this.writer = writer;
        this.stats = stats;
    }

    @Override
    public void send(PageBatch batch, LoadedPages pages) throws IOException, InterruptedException {
        writer.write(batch, pages);
        stats.packets.add(1);
        stats.multifdBytes.add((long) batch.normalPages() * batch.block().pageSizeBytes());
        stats.normal.add(batch.normalPages());
        stats.duplicate.add(batch.zeroPages());
    }

    @Override
    public void sync(SyncRequest request) {
        stats.syncs.add(1);
    }

    @Override
    public void close() {
        writer.close();
    }
}
