package io.pageferry.receive;

import io.pageferry.codec.CodecException;
import io.pageferry.codec.PageData;
import io.pageferry.codec.PageDecoder;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageWriter;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.net.Connection;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.DeviceStatePacketFlyweight;
import io.pageferry.wire.DeviceStatePacketValidator;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.MultifdFlags;
import io.pageferry.wire.PacketHeaderFlyweight;
import io.pageferry.wire.PacketHeaderValidator;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import io.pageferry.wire.RamPacketValidator;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Takes in one multifd channel, packet by packet, on the channel's thread: QEMU's {@code multifd_recv_thread}.
 *
 * <p>A packet is read into a page batch, validated there, and used in place; its pages are read from the socket to where the sink wants them.
 * Everything is made before the first packet; a packet allocates nothing.
 */
final class ChannelReceiver {
    private static final String PACKET = "packet";
    private static final String PAGE_DATA = "page data";

    private final int channel;
    private final Connection connection;
    private final IncomingGuest guest;
    private final PageDecoder decoder;
    private final PageData data;
    private final SyncBarrier barrier;
    private final ChannelStats stats;

    private final PageBatch batch;
    private final IoVector pages;
    private final int packetLength;
    private final PacketHeaderFlyweight header = new PacketHeaderFlyweight();
    private final RamPacketFlyweight packet = new RamPacketFlyweight();
    private final RamPacketValidator validator;

    /**
     * Makes a receiver.
     *
     * @param method what the source was told to do with page data
     * @param decoder undoes it; closed by its maker
     */
    ChannelReceiver(
            int channel,
            Connection connection,
            IncomingGuest guest,
            CompressionMethod method,
            PageDecoder decoder,
            SyncBarrier barrier,
            ChannelStats stats) {
        this.channel = channel;
        this.connection = connection;
        this.guest = guest;
        this.decoder = decoder;
        this.data = into -> connection.readFully(into.buffers(), into.count(), into.totalBytes(), PAGE_DATA);
        this.barrier = barrier;
        this.stats = stats;
        int slots = guest.geometry().pagesPerPacket();
        batch = new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, slots);
        pages = new IoVector(slots);
        packetLength = guest.geometry().ramPacketLength();
        header.wrap(batch.buffer(), 0);
        packet.wrap(batch.buffer(), 0);
        validator = new RamPacketValidator(channel, guest.geometry(), method, guest.blockTable());
    }

    /** Takes packets until the source, or the end of RAM, ends the channel. */
    void run() throws IOException, InterruptedException {
        if (guest.terminatesTlsCleanly()) {
            connection.requireProperEnd();
        }
        stats.multifdBytes.add(InitialPacketFlyweight.LENGTH);
        try (PageWriter writer = guest.sink().openWriter()) {
            ByteBuffer bytes = batch.bytes();
            bytes.clear().limit(packetLength);
            while (connection.awaitMessage(bytes, PacketHeaderFlyweight.HEADER_LENGTH, PACKET)) {
                receivePacket(writer, bytes);
                bytes.clear().limit(packetLength);
            }
        }
        // Not after a failure: whoever waits for this channel would report its end, and not what ended it.
        barrier.end(channel);
    }

    private void receivePacket(PageWriter writer, ByteBuffer bytes) throws IOException, InterruptedException {
        PacketHeaderValidator.validate(header, channel);
        if (MultifdFlags.isDeviceState(header.flags())) {
            refuseDeviceState(bytes);
        }
        if (bytes.hasRemaining()) {
            connection.readFully(bytes, PACKET);
        }
        int block = validator.validate(packet);
        stats.packets.add(1);
        stats.multifdBytes.add(packetLength);
        boolean sync = MultifdFlags.isSync(packet.flags());
        if (block == RamBlockTable.NOT_FOUND && !sync) {
            return; // QEMU before 9.0 sends one like this after it sent SYNC along with pages, also after the last one
        }
        barrier.requireRam(channel);
        // Sources before QEMU 9.0 send pages along with SYNC: they come first.
        if (block != RamBlockTable.NOT_FOUND) {
            receivePages(writer, block);
        }
        if (sync) {
            stats.syncs.add(1);
            barrier.arrive(channel);
        }
    }

    private void receivePages(PageWriter writer, int block) throws IOException, InterruptedException {
        int normal = packet.normalPages();
        int zero = packet.zeroPages();
        batch.received(guest.layout().block(block), normal, zero);
        if (normal > 0) {
            decoder.receive(data, packet.nextPacketSize());
        }
        pages.clear();
        writer.prepare(batch, pages);
        if (normal > 0) {
            decode();
            stats.multifdBytes.add(packet.nextPacketSize());
        }
        writer.commit(batch);
        stats.normal.add(normal);
        stats.duplicate.add(zero);
    }

    private void decode() throws IOException {
        try {
            decoder.decode(data, pages);
        } catch (CodecException e) {
            throw new ReceiveException(e.getMessage() + " channel=" + channel, e);
        }
        decoder.release();
    }

    /** Checked like any packet, so that its fault is the one that is named; a good one has no place to go to yet. */
    private void refuseDeviceState(ByteBuffer bytes) throws IOException {
        int missing = DeviceStatePacketFlyweight.LENGTH - bytes.position();
        if (missing > 0) {
            connection.readFully(bytes.limit(DeviceStatePacketFlyweight.LENGTH), "device-state packet");
        }
        DeviceStatePacketFlyweight deviceState = new DeviceStatePacketFlyweight().wrap(batch.buffer(), 0);
        DeviceStatePacketValidator.validate(deviceState, channel);
        throw new ReceiveException("device state must come through the main channel: channel=" + channel + " device="
                + deviceState.idstr() + " instance=" + Integer.toUnsignedString(deviceState.instanceId())
                + " length=" + deviceState.nextPacketSize());
    }
}
