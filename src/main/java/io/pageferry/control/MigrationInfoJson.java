package io.pageferry.control;

import io.pageferry.session.info.MigrationInfo;
import io.pageferry.session.info.MigrationInfo.ChannelInfo;
import io.pageferry.session.info.MigrationInfo.RamInfo;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@link MigrationInfo} as JSON, with the members that QEMU's {@code query-migrate} has. Stateless: any thread. */
public final class MigrationInfoJson {
    private MigrationInfoJson() {}

    /**
     * Adds {@code total-time}, {@code setup-time} and {@code downtime}, in ms. The last one only where the guest has
     * stood still.
     */
    public static void addTimes(MigrationInfo info, ObjectNode json) {
        json.put("total-time", info.totalTimeMillis());
        json.put("setup-time", info.setupTimeMillis());
        info.downtimeMillis().ifPresent(downtime -> json.put("downtime", downtime));
    }

    /** Adds {@code ram}. */
    public static void addRam(MigrationInfo info, ObjectNode json) {
        RamInfo ram = info.ram();
        json.putObject("ram")
                .put("transferred", ram.transferred())
                .put("remaining", ram.remaining())
                .put("total", ram.total())
                .put("duplicate", ram.duplicate())
                .put("normal", ram.normal())
                .put("normal-bytes", ram.normalBytes())
                .put("dirty-pages-rate", ram.dirtyPagesRate())
                .put("mbps", ram.mbps())
                .put("dirty-sync-count", ram.dirtySyncCount())
                .put("postcopy-requests", ram.postcopyRequests())
                .put("page-size", ram.pageSize())
                .put("multifd-bytes", ram.multifdBytes())
                .put("pages-per-second", ram.pagesPerSecond())
                .put("precopy-bytes", ram.precopyBytes())
                .put("downtime-bytes", ram.downtimeBytes())
                .put("postcopy-bytes", ram.postcopyBytes())
                .put("dirty-sync-missed-zero-copy", ram.dirtySyncMissedZeroCopy());
    }

    /** Adds {@code channels}, which is ours. */
    public static void addChannels(MigrationInfo info, ObjectNode json) {
        ArrayNode channels = json.putArray("channels");
        for (ChannelInfo channel : info.channels()) {
            channels.addObject()
                    .put("id", channel.id())
                    .put("multifd-bytes", channel.multifdBytes())
                    .put("packets", channel.packets())
                    .put("normal", channel.normal())
                    .put("duplicate", channel.duplicate())
                    .put("zero-copy-lost-buffers", channel.zeroCopyLostBuffers());
        }
    }
}
