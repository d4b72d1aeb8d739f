package io.pageferry.send;

import io.pageferry.handoff.Lanes;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.MigrationTrace;

/** A sync of all channels, on the main thread, for those who watch: QEMU's {@code multifd_send_sync_main}. */
final class ChannelSync {
    private ChannelSync() {}

    /** Asks all channels for a sync and waits until each has answered. */
    static void run(Lanes<?> lanes, SyncRequest request, MigrationStats stats) throws InterruptedException {
        MigrationTrace trace = stats.trace();
        long start = System.nanoTime();
        trace.beginSendSync();
        for (int channel = 0; channel < lanes.channels(); channel++) {
            lanes.requestSync(channel, request);
            trace.sendSyncMainSignal(channel);
        }
        for (int channel = 0; channel < lanes.channels(); channel++) {
            trace.beginSendSyncWait();
            lanes.awaitSync(channel);
            trace.sendSyncMainWait(channel);
        }
        trace.sendSyncMain(stats.packetNum());
        stats.latencies().record(Latencies.Kind.SYNC, System.nanoTime() - start);
    }
}
