package io.pageferry.send;

import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.handoff.Lanes;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.wire.PacketGeometry;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;

/**
 * A migration that goes into a checkpoint: batches over lanes as to a peer, written to their places by all channels in
 * parallel. A guest that runs is stopped first: a checkpoint has room for one content of a page only, so rounds would
 * gain nothing.
 */
public final class CheckpointSender {
    private final OutgoingTransfer transfer;
    private final OutgoingGuest guest;
    private final CheckpointWriter checkpoint;
    private final PageSink sink;
    private final MigrationParameters parameters;
    private final MigrationStats stats;
    private final int slots;
    private final Lanes<SendJob> lanes;

    /**
     * Makes a sender.
     *
     * @param checkpoint was begun
     * @param sink where its pages go
     */
    public CheckpointSender(OutgoingTransfer transfer, CheckpointWriter checkpoint, PageSink sink) {
        this.transfer = transfer;
        this.guest = transfer.guest();
        this.checkpoint = checkpoint;
        this.sink = sink;
        this.parameters = transfer.parameters();
        this.stats = transfer.stats();
        RamLayout layout = guest.pages().layout();
        this.slots = new PacketGeometry(layout.pageSizeBytes()).pagesPerPacket();
        this.lanes = new Lanes<>(parameters.multifdChannels(), Lanes.DEFAULT_DEPTH, this::emptyJob);
        stats.guest(layout.totalBytes(), layout.pageSizeBytes());
    }

    /** Of one batch: channels have parts of the file that are near to each other then. */
    private SendJob emptyJob() {
        return new SendJob(1, () -> new PageBatch(0, slots));
    }

    /** The main task. */
    public Void runMain() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/main");
        guest.stop();
        stats.beginRound(guest.pages().layout().blocks().stream()
                .mapToLong(block -> guest.pages().present(block).count())
                .sum());
        RateLimiter limiter = transfer.limiter();
        SendJob[] empty = {emptyJob(), emptyJob()};
        // Zero pages are those whose bit stays clear: there is nothing to be sent of those that are known.
        try (RoundPlanner planner = new RoundPlanner(
                guest.pages(), JobTarget.of(lanes), empty, limiter, ZeroPageDetection.MULTIFD, (block, offset) -> {})) {
            for (RamBlock block : guest.pages().layout().blocks()) {
                PageBitmap present = guest.pages().present(block);
                planner.send(block, present);
            }
        }
        guest.deviceStateBesideRam().copyTo(checkpoint.deviceStateSink());
        ChannelSync.run(lanes, SyncRequest.LOCAL, stats);
        stats.endRound();
        lanes.finish();
        checkpoint.finish(guest.deviceState());
        return null;
    }

    /** A writing channel's task. */
    public Void runChannel(int channel) throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/send_" + channel);
        boolean findZeroPages =
                parameters.zeroPageDetection().orElse(ZeroPageDetection.MULTIFD) != ZeroPageDetection.NONE;
        ChannelStats channelStats = stats.channel(channel);
        channelStats.trace().sendThreadStart();
        try (CheckpointOutput output = new CheckpointOutput(sink.openWriter(), channelStats)) {
            new ChannelSender(lanes.lane(channel), guest, findZeroPages, stats.latencies()).run(output, slots);
        } catch (ClosedChannelException e) {
            throw e; // cut loose, because of somebody else's error
        } catch (IOException e) {
            channelStats.trace().sendError(e);
            throw e;
        } finally {
            channelStats.trace().sendThreadEnd(channelStats.packets.get());
        }
        return null;
    }
}
