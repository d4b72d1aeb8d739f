package io.pageferry.receive;

import io.pageferry.codec.CodecException;
import io.pageferry.codec.PageData;
import io.pageferry.codec.PageDecoder;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageWriter;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.ChannelTrace;
import io.pageferry.net.Connection;
import io.pageferry.net.StallWatch;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.DeviceStatePacketFlyweight;
import io.pageferry.wire.DeviceStatePacketValidator;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.Multifd;
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
 * <p>A packet is read into a page batch, validated there, and used in place; its pages are read from the socket to
 * where the sink wants them. Everything is made before the first packet; a packet allocates nothing.
 */
final class ChannelReceiver {
    private static final String PACKET = "packet";
    private static final String PAGE_DATA = "page data";
    private static final String DEVICE_STATE = "device state";

    private final int channel;
    private final Connection connection;
    private final IncomingGuest guest;
    private final PageDecoder decoder;
    private final PageData data;
    private final SyncBarrier barrier;
    private final ChannelStats stats;
    private final ChannelTrace trace;

    private final PageBatch batch;
    private final IoVector pages;
    private final int packetLength;
    private final PacketHeaderFlyweight header = new PacketHeaderFlyweight();
    private final RamPacketFlyweight packet = new RamPacketFlyweight();
    private final DeviceStatePacketFlyweight deviceState = new DeviceStatePacketFlyweight();
    private final RamPacketValidator validator;

    /** Packets with a number, those among them that are sure to come. */
    private long numbered;

    private long highestNumber = -1;

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
        this.trace = stats.trace();
        int slots = guest.geometry().pagesPerPacket();
        batch = new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, slots);
        pages = new IoVector(slots);
        packetLength = guest.geometry().ramPacketLength();
        header.wrap(batch.buffer(), 0);
        packet.wrap(batch.buffer(), 0);
        deviceState.wrap(batch.buffer(), 0);
        validator = new RamPacketValidator(channel, guest.geometry(), method, guest.blockTable());
    }

    /**
     * Takes packets until the source, or the end of RAM, ends the channel.
     *
     * @param first what was read already of the first one
     */
    void run(ByteBuffer first) throws IOException, InterruptedException {
        if (guest.terminatesTlsCleanly()) {
            connection.requireProperEnd();
        }
        stats.multifdBytes.add(InitialPacketFlyweight.LENGTH);
        trace.recvThreadStart();
        try (PageWriter writer = guest.sink().openWriter()) {
            ByteBuffer bytes = batch.bytes();
            bytes.clear().limit(packetLength).put(first);
            while (awaitPacket(bytes)) {
                receivePacket(writer, bytes);
            }
            flush(writer);
        } finally {
            trace.recvThreadEnd(stats.packets.get());
        }
    }

    /** Waits for a packet's header, unless it came along with the packet before. */
    private boolean awaitPacket(ByteBuffer bytes) throws IOException {
        if (bytes.position() == 0) {
            return connection.awaitMessage(bytes, PacketHeaderFlyweight.HEADER_LENGTH, PACKET);
        }
        if (bytes.position() < PacketHeaderFlyweight.HEADER_LENGTH) {
            connection.readFully(bytes.limit(PacketHeaderFlyweight.HEADER_LENGTH), PACKET);
            bytes.limit(packetLength);
        }
        return true;
    }

    /** Takes a packet whose beginning is there, and leaves what is there already of the next one. */
    private void receivePacket(PageWriter writer, ByteBuffer bytes) throws IOException, InterruptedException {
        requirePageSize();
        PacketHeaderValidator.validate(header, channel);
        if (MultifdFlags.isDeviceState(header.flags())) {
            receiveDeviceState(bytes);
            return;
        }
        if (bytes.hasRemaining()) {
            connection.readFully(bytes, PACKET);
        }
        bytes.clear().limit(packetLength);
        int block = validator.validate(packet);
        trace.beginReceive();
        stats.packets.add(1);
        stats.packetNum.set(packet.packetNum());
        stats.multifdBytes.add(packetLength);
        boolean sync = MultifdFlags.isSync(packet.flags());
        number(block != RamBlockTable.NOT_FOUND, sync);
        if (block == RamBlockTable.NOT_FOUND && !sync) {
            tell();
            return; // QEMU before 9.0 sends one like this after it sent SYNC along with pages, also after the last one
        }
        barrier.requireRam(channel);
        // Sources before QEMU 9.0 send pages along with SYNC: they come first.
        if (block != RamBlockTable.NOT_FOUND) {
            receivePages(writer, block);
        }
        tell();
        if (sync) {
            stats.syncs.add(1);
            guest.deviceState().synced(channel);
            flush(writer);
            barrier.arrive(channel, numbered, highestNumber);
        }
    }

    /**
     * Counts a packet. One before QEMU 9.0 that has pages and SYNC is two in one: an empty one follows it, behind the
     * sync.
     */
    private void number(boolean pages, boolean sync) {
        numbered += sync ? (pages ? 2 : 1) : (pages ? 1 : 0);
        highestNumber = Math.max(highestNumber, packet.packetNum());
        barrier.count(channel, numbered, highestNumber);
    }

    /** Packets of another page size have another length, so that after the first one nothing is where it should be. */
    private void requirePageSize() throws ReceiveException {
        if (!guest.pageSizeKnown() && header.magic() != Multifd.MAGIC) {
            throw new ReceiveException(String.format(
                    "packet's magic must be 0x%08x, set page-size where the guest's is another: channel=%d magic=0x%08x"
                            + " pageSize=%d",
                    Multifd.MAGIC, channel, header.magic(), guest.geometry().pageSizeBytes()));
        }
    }

    private void tell() {
        trace.recvUnfill(
                packet.packetNum(), packet.flags(), packet.normalPages(), packet.zeroPages(), packet.nextPacketSize());
    }

    private void receivePages(PageWriter writer, int block) throws IOException, InterruptedException {
        int normal = packet.normalPages();
        int zero = packet.zeroPages();
        batch.received(guest.layout().block(block), normal, zero);
        if (normal > 0) {
            decoder.receive(data, packet.nextPacketSize());
        }
        pages.clear();
        connection.beginWork(); // it may have to wait until others are written
        try {
            writer.prepare(batch, pages);
        } finally {
            connection.endWork();
        }
        if (normal > 0) {
            decode();
            stats.multifdBytes.add(packet.nextPacketSize());
        }
        connection.beginWork();
        try {
            writer.commit(batch);
        } finally {
            connection.endWork();
        }
        connection.broughtPayload(StallWatch.PAYLOAD_BYTES); // zero pages are pages
        stats.normal.add(normal);
        stats.duplicate.add(zero);
    }

    private void flush(PageWriter writer) throws IOException, InterruptedException {
        connection.beginWork();
        try {
            writer.flush();
        } finally {
            connection.endWork();
        }
    }

    private void decode() throws IOException {
        try {
            decoder.decode(data, pages, guest.layout().pageSizeBytes());
        } catch (CodecException e) {
            throw new ReceiveException(e.getMessage() + " channel=" + channel, e);
        }
        decoder.release();
    }

    /**
     * A packet that is shorter than one with pages, so that some or all of its data may be there already, and of what
     * follows it.
     */
    private void receiveDeviceState(ByteBuffer bytes) throws IOException, InterruptedException {
        int there = bytes.position();
        if (there < DeviceStatePacketFlyweight.LENGTH) {
            connection.readFully(bytes.limit(DeviceStatePacketFlyweight.LENGTH), DEVICE_STATE);
            there = DeviceStatePacketFlyweight.LENGTH;
        }
        DeviceStatePacketValidator.validate(deviceState, channel);
        int length = deviceState.nextPacketSize();
        bytes.limit(there).position(DeviceStatePacketFlyweight.LENGTH);
        connection.beginWork();
        try {
            guest.deviceState().take(channel, deviceState, into -> readDeviceState(bytes, into));
        } finally {
            connection.endWork();
        }
        bytes.compact().limit(packetLength);
        stats.packets.add(1);
        stats.multifdBytes.add((long) DeviceStatePacketFlyweight.LENGTH + length);
    }

    private void readDeviceState(ByteBuffer there, ByteBuffer into) throws IOException {
        int length = Math.min(there.remaining(), into.remaining());
        into.put(into.position(), there, there.position(), length);
        into.position(into.position() + length);
        there.position(there.position() + length);
        if (into.hasRemaining()) {
            connection.endWork();
            connection.readDeviceState(into, DEVICE_STATE);
            connection.beginWork();
        }
    }
}
