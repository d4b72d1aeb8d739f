package io.pageferry.receive;

import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.MainStreamReader;
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
    /** What other devices send before RAM has ended is kept in memory: some KiB of it. */
    private static final long MOST_BEFORE_END_OF_RAM = 64L << 20;

    /** Opens the place for a guest when its blocks are known. */
    @FunctionalInterface
    interface OfBlocks {
        IncomingGuest open(List<RamBlockEntry> blocks) throws IOException;
    }

    /** Says whose pages are going to come. */
    void guestIs(Optional<UUID> uuid, Optional<String> source) throws IOException {
        opener.guestIs(uuid, source);
    }

    /** How much of other devices may come before RAM has ended. */
    long mostBeforeEndOfRam() {
        return Math.min(
                MOST_BEFORE_END_OF_RAM, context.parameters().maxDeviceState().orElse(Long.MAX_VALUE));
    }

    /**
     * Reads what is behind RAM to where the guest goes to; all its pages have come.
     *
     * @param endsItself whether the source stays and waits for an answer, so that the end must be recognized
     */
    DeviceState readDeviceState(MainStreamReader stream, IncomingGuest guest, boolean endsItself) throws IOException {
        DeviceState deviceState = stream.readDeviceState(
                opener.deviceStateStore(context.heap()),
                endsItself,
                context.parameters()
                        .maxDeviceState()
                        .orElse(DeviceState.defaultMaxBytes(guest.layout().totalBytes())),
                context.heap());
        if (!stream.hasRamEnded()) {
            deviceState.requireAsDescribed(); // or what stood where device state was expected was something else
        }
        context.stats().deviceStateBytes.add(deviceState.lengthBytes());
        return deviceState;
    }

    /**
     * What opens it, once it is known what the guest is.
     *
     * @param ram how the source began its RAM section
     */
    OfBlocks of(Configuration configuration, Section ram, int pageSizeBytes) {
        return blocks -> {
            IncomingGuest guest = open(configuration, ram, pageSizeBytes, blocks);
            whenGuestIsKnown.accept(guest);
            return guest;
        };
    }

    private IncomingGuest open(Configuration configuration, Section ram, int pageSizeBytes, List<RamBlockEntry> blocks)
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
