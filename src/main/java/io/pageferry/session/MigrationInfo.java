package io.pageferry.session;

import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How far a migration is, as JSON with the members that QEMU's {@code MigrationInfo} has. For any thread. */
public final class MigrationInfo {
    private final MigrationProgress progress;
    private final MigrationStats stats;

    public MigrationInfo(MigrationProgress progress) {
        this.progress = progress;
        this.stats = progress.stats();
    }

    /**
     * Adds {@code total-time}, {@code setup-time} and {@code downtime}, in ms. The last one only where the guest has
     * stood still.
     */
    public void addTimesTo(ObjectNode json) {
        json.put("total-time", TimeUnit.NANOSECONDS.toMillis(progress.totalNanos()));
        json.put("setup-time", TimeUnit.NANOSECONDS.toMillis(progress.setupTimeNanos()));
        if (progress.downtimeNanos() > 0) {
            json.put("downtime", TimeUnit.NANOSECONDS.toMillis(progress.downtimeNanos()));
        }
    }

    /** Adds {@code ram}: all that QEMU 10.0's {@code MigrationRAMInfo} has. */
    public void addRamTo(ObjectNode json) {
        ObjectNode ram = json.putObject("ram");
        long pageSize = stats.pageSizeBytes();
        ram.put("transferred", stats.transferredBytes());
        ram.put("remaining", progress.status() == MigrationStatus.COMPLETED ? 0 : stats.remainingBytes());
        ram.put("total", stats.totalRamBytes());
        ram.put("duplicate", stats.duplicatePages());
        ram.put("normal", stats.normalPages());
        ram.put("normal-bytes", stats.normalPages() * pageSize);
        ram.put("dirty-pages-rate", stats.dirtyPagesRate());
        ram.put("mbps", mbps());
        ram.put("dirty-sync-count", stats.dirtySyncCount.sum());
        ram.put("postcopy-requests", 0);
        ram.put("page-size", pageSize);
        ram.put("multifd-bytes", stats.multifdBytes());
        ram.put("pages-per-second", pagesPerSecond());
        ram.put("precopy-bytes", stats.precopyBytes());
        ram.put("downtime-bytes", stats.downtimeBytes());
        ram.put("postcopy-bytes", 0);
        ram.put("dirty-sync-missed-zero-copy", stats.dirtySyncMissedZeroCopy.sum());
    }

    /** Adds {@code channels}, which is ours. */
    public void addChannelsTo(ObjectNode json) {
        ArrayNode channels = json.putArray("channels");
        for (int id = 0; id < stats.channels().size(); id++) {
            ChannelStats channel = stats.channel(id);
            channels.addObject()
                    .put("id", id)
                    .put("multifd-bytes", channel.multifdBytes.get())
                    .put("packets", channel.packets.get())
                    .put("normal", channel.normal.get())
                    .put("duplicate", channel.duplicate.get())
                    .put("zero-copy-lost-buffers", channel.zeroCopyLostBuffers.get());
        }
    }

    private double mbps() {
        double seconds = progress.activeTimeNanos() / 1e9;
        return seconds == 0 ? 0 : Math.round(stats.transferredBytes() * 8 / seconds / 1e4) / 100.0;
    }

    private long pagesPerSecond() {
        double seconds = progress.activeTimeNanos() / 1e9;
        return seconds == 0 ? 0 : Math.round((stats.normalPages() + stats.duplicatePages()) / seconds);
    }
}
