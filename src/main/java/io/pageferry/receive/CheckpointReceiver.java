package io.pageferry.receive;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.handoff.Lane;
import io.pageferry.handoff.Lanes;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.wire.PacketGeometry;
import java.io.IOException;

/**
 * A migration that comes in from a checkpoint. No packets: the main task hands jobs, each a list of pages whose places
 * follow from it, to reading channels over lanes ({@code multifd_recv}); they read straight to where the sink wants the
 * pages.
 */
public final class CheckpointReceiver {
    private final Checkpoint checkpoint;
    private final PageSink sink;
    private final DeviceStateSink deviceState;
    private final MigrationStats stats;
    private final int slots;
    private final Lanes<PageBatch> lanes;

    /**
     * Makes a receiver.
     *
     * @param deviceState where device state goes that the checkpoint has beside RAM
     */
    public CheckpointReceiver(
            Checkpoint checkpoint, PageSink sink, DeviceStateSink deviceState, int channels, MigrationStats stats) {
        this.checkpoint = checkpoint;
        this.sink = sink;
        this.deviceState = deviceState;
        this.stats = stats;
        this.slots = new PacketGeometry(checkpoint.layout().pageSizeBytes()).pagesPerPacket();
        this.lanes = new Lanes<>(channels, Lanes.DEFAULT_DEPTH, () -> new PageBatch(0, slots));
        stats.guest(checkpoint.layout().totalBytes(), checkpoint.layout().pageSizeBytes());
    }

    /** The main task: lists all pages that the checkpoint has, and copies device state. */
    public Void runMain() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/dst/main");
        stats.beginRound(checkpoint.layout().blocks().stream()
                .mapToLong(block -> checkpoint.present(block).count())
                .sum());
        PageBatch batch = new PageBatch(0, slots);
        for (RamBlock block : checkpoint.layout().blocks()) {
            PageBitmap present = checkpoint.present(block);
            batch.begin(block);
            for (long page = present.nextSet(0); page < present.pages(); page = present.nextSet(page + 1)) {
                batch.add(page * block.pageSizeBytes());
                if (batch.isFull()) {
                    batch = lanes.swap(batch);
                    batch.begin(block);
                }
            }
            if (!batch.isEmpty()) {
                batch = lanes.swap(batch);
            }
        }
        checkpoint.deviceStateBesideRam().copyTo(deviceState);
        lanes.sync(SyncRequest.LOCAL);
        stats.endRound();
        lanes.finish();
        return null;
    }

    /** A reading channel's task. */
    public Void runChannel(int channel) throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/dst/recv_" + channel);
        Lane<PageBatch> lane = lanes.lane(channel);
        ChannelStats channelStats = stats.channel(channel);
        IoVector pages = new IoVector(slots);
        channelStats.trace().recvThreadStart();
        try (PageReader reader = checkpoint.openReader();
                PageWriter writer = sink.openWriter()) {
            while (true) {
                switch (lane.await()) {
                    case JOB -> {
                        PageBatch batch = lane.job();
                        pages.clear();
                        writer.prepare(batch, pages);
                        reader.read(batch, pages);
                        writer.commit(batch);
                        channelStats.packets.add(1);
                        channelStats.normal.add(batch.normalPages());
                        channelStats.multifdBytes.add(pages.totalBytes());
                        lane.jobDone();
                    }
                    case SYNC -> {
                        writer.flush();
                        lane.syncDone();
                    }
                    case END -> {
                        return null;
                    }
                }
            }
        } finally {
            channelStats.trace().recvThreadEnd(channelStats.packets.get());
        }
    }
}
