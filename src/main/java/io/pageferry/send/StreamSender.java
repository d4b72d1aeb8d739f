package io.pageferry.send;

import io.pageferry.handoff.Lanes;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.ByteSink;
import io.pageferry.stream.StreamOutput;
import io.pageferry.wire.PacketGeometry;
import java.io.IOException;

/**
 * Writes a guest as a plain stream to where nobody answers: what QEMU writes by {@code migrate exec:cat>FILE}, and
 * reads by {@code -incoming exec:cat FILE}. On one thread.
 */
public final class StreamSender {
    private final OutgoingTransfer transfer;
    private final OutgoingGuest guest;
    private final ByteSink sink;
    private final MigrationStats stats;
    private final int slots;

    /**
     * Makes a sender.
     *
     * @param transfer without multifd
     * @param sink its opener's to complete and close
     */
    public StreamSender(OutgoingTransfer transfer, ByteSink sink) {
        this.transfer = transfer;
        this.guest = transfer.guest();
        this.sink = sink;
        this.stats = transfer.stats();
        RamLayout layout = guest.pages().layout();
        this.slots = new PacketGeometry(layout.pageSizeBytes()).pagesPerPacket();
        stats.guest(layout.totalBytes(), layout.pageSizeBytes());
    }

    private SendJob emptyJob() {
        return new SendJob(SendJob.MOST_BATCHES_OF_DATA, () -> new PageBatch(0, slots));
    }

    /** Writes all of it. */
    public void send() throws IOException, InterruptedException {
        if (!guest.deviceStateBesideRam().pieces().isEmpty()) {
            throw new SendException("device state beside RAM must go over multifd channels, a stream has none: pieces="
                    + guest.deviceStateBesideRam().pieces().size());
        }
        WireMode mode = WireMode.of(guest.dialect(), transfer.parameters());
        Lanes<SendJob> none = new Lanes<>(0, Lanes.DEFAULT_DEPTH, this::emptyJob);
        StreamOutput out = new StreamOutput(new CountedSink(sink, stats));
        MainSender stream = new MainSender(guest, guest.configuration(), mode, out, none, false, stats);
        SendJob[] jobs = {emptyJob(), emptyJob()};
        RoundPlanner planner =
                RoundPlanner.ofMainChannel(guest.pages(), stream, jobs, transfer.limiter(), mode.zeroPages());
        try (RamTransfer ram = new PrecopyTransfer(
                guest,
                stream,
                planner,
                new DeviceStateProducers(guest.deviceStateBesideRam(), none, this::emptyJob, transfer::limiter),
                new Precopy(transfer.parameters().downtimeLimit(), stats),
                stats)) {
            stream.begin(false);
            stream.setup();
            ram.sendBeforeSwitchover();
            guest.stop();
            ram.sendAfterStop();
            stream.deviceState();
            stream.flush();
        }
    }
}
