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
 */
record IncomingGuest(
        PageSink sink,
        PacketGeometry geometry,
        boolean pageSizeKnown,
        DeviceStateIntake deviceState,
        boolean terminatesTlsCleanly) {

    RamLayout layout() {
        return sink.layout();
    }

    /** A table for one channel. */
    RamBlockTable blockTable() {
        return new RamBlockTable(layout().names(), layout().lengthsBytes());
    }
}
