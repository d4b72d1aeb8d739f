package io.pageferry.receive;

import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.RamBlockEntry;
import io.pageferry.stream.Section;
import io.pageferry.stream.WireProperty;
import io.pageferry.wire.PacketGeometry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Opens the place that a guest goes to when the main stream has said what it is, and lets the channels know.
 *
 * @param whenGuestIsKnown the channels begin then
 */
record GuestOpener(ReceiverContext context, SinkOpener opener, Consumer<IncomingGuest> whenGuestIsKnown) {

    /** Says whose pages are going to come. */
    void guestIs(Optional<UUID> uuid, Optional<String> source) throws IOException {
        opener.guestIs(uuid, source);
    }

    /** Where its device state goes, when all its pages have come. */
    DeviceStateStore deviceStateStore() throws IOException {
        return opener.deviceStateStore(context.heap());
    }

    /**
     * Opens it.
     *
     * @param ram how the source began its RAM section
     */
    IncomingGuest open(Configuration configuration, Section ram, int pageSizeBytes, List<RamBlockEntry> blocks)
            throws IOException {
        RamLayout layout = new RamLayout(
                pageSizeBytes,
                blocks.stream().map(RamBlockEntry::name).toList(),
                blocks.stream().mapToLong(RamBlockEntry::lengthBytes).toArray(),
                blocks.stream().map(RamBlockEntry::address).toList());
        context.stats().guest(layout.totalBytes(), layout.pageSizeBytes());
        context.heap().by(Math.ceilDiv(layout.totalPages(), Byte.SIZE)); // a bit a page: which of them are there
        return new IncomingGuest(
                opener.open(configuration, ram, layout),
                new PacketGeometry(pageSizeBytes),
                configuration.isPageSizeKnown()
                        || context.parameters().pageSize().isPresent(),
                new DeviceStateIntake(
                        opener.deviceStateSink(),
                        context.codecs().method(),
                        context.parameters().maxDeviceStateBesideRam(),
                        context.stats()),
                configuration.dialect().has(WireProperty.MULTIFD_CLEAN_TLS_TERMINATION));
    }
}
