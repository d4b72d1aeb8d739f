package io.pageferry.receive;

import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;

/**
 * What the channels must know of a guest before they can read a packet. Immutable; the main thread makes it.
 *
 * @param sink where pages go
 * @param geometry of the packets
 * @param pageSizeKnown whether somebody has said the page size that the geometry is of
 * @param deviceState where device state goes that comes beside RAM
 * @param terminatesTlsCleanly whether the source ends a channel's TLS session before it closes
 * @param blocks what all channels' tables share
 */
record IncomingGuest(
        PageSink sink,
        PacketGeometry geometry,
        boolean pageSizeKnown,
        DeviceStateIntake deviceState,
        boolean terminatesTlsCleanly,
        RamBlockTable blocks) {

    IncomingGuest(
            PageSink sink,
            PacketGeometry geometry,
            boolean pageSizeKnown,
            DeviceStateIntake deviceState,
            boolean terminatesTlsCleanly) {
        this(
                sink,
                geometry,
                pageSizeKnown,
                deviceState,
                terminatesTlsCleanly,
                new RamBlockTable(sink.layout().names(), sink.layout().lengthsBytes()));
    }

    RamLayout layout() {
        return sink.layout();
    }

    /** A table for one channel. */
    RamBlockTable blockTable() {
        return blocks.forAnotherThread();
    }
}
