package io.pageferry.send;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.codec.PageEncoder;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.ChannelTrace;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.MultifdFlags;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends batches as multifd packets: fields into the batch's own buffer, then one gathering write of packet and page
 * data. Packets that have no data, of zero pages only, wait for each other, as long as there is more to send: a write
 * each would take longer than all else that is done for them.
 */
final class PacketOutput implements BatchOutput {
    private static final String PACKET = "packet";
    private static final String SYNC_PACKET = "SYNC packet";
    private static final String DEVICE_STATE = "device-state packet";

    /** So many bytes of packets without data wait at the most. */
    private static final int WAITING_BYTES = 32 * 1024;

    /** Enough for writes that are worth their calls. */
    private static final int DEVICE_STATE_BUFFER_BYTES = 256 * 1024;

    private final PacketWriter writer;
    private final PacketGeometry geometry;
    private final CompressionMethod method;
    private final PageEncoder encoder;
    private final RamBlockTable blocks;
    private final AtomicLong packetNum;
    private final ChannelStats stats;
    private final ChannelTrace trace;

    private final RamPacketFlyweight packet = new RamPacketFlyweight();
    private final IoVector vector;
    private final ByteBuffer waiting;
    private final ByteBuffer syncPacket;
    private final RamPacketFlyweight syncFields = new RamPacketFlyweight();
    private ByteBuffer devicePacket; // made for the first piece: most guests have none

    /**
     * Makes an output.
     *
     * @param writer closed with the output
     * @param packetNum numbers the packets of all channels
     */
    PacketOutput(
            PacketWriter writer,
            PacketGeometry geometry,
            ChannelCodecs codecs,
            RamBlockTable blocks,
            AtomicLong packetNum,
            ChannelStats stats) {
        this.writer = writer;
        this.geometry = geometry;
        this.method = codecs.method();
        this.encoder = codecs.newEncoder();
        this.blocks = blocks;
        this.packetNum = packetNum;
        this.stats = stats;
        this.trace = stats.trace();
        this.vector = new IoVector(1 + geometry.pagesPerPacket() + 1);
        this.waiting = ByteBuffer.allocateDirect(Math.max(WAITING_BYTES, geometry.ramPacketLength()));
        this.syncPacket = ByteBuffer.allocateDirect(geometry.ramPacketLength());
        syncFields.wrap(new UnsafeBuffer(syncPacket), 0);
    }

    @Override
    public void send(PageBatch batch, LoadedPages pages) throws IOException, InterruptedException {
        trace.beginSend();
        batch.fillOffsets();
        ByteBuffer fields = batch.bytes().clear();
        vector.clear();
        vector.add(fields);
        if (batch.normalPages() > 0) {
            encoder.encode(batch, pages, vector);
        }
        long number = packetNum.getAndIncrement();
        int dataBytes = Math.toIntExact(vector.totalBytes() - fields.remaining());
        packet.wrap(batch.buffer(), 0)
                .fillPages(
                        method.flags(),
                        geometry.pagesPerPacket(),
                        batch.normalPages(),
                        batch.zeroPages(),
                        dataBytes,
                        number,
                        blocks.name(batch.block().index()));
        if (dataBytes == 0) {
            holdBack(fields);
        } else {
            writeWaiting();
            writer.write(vector, PACKET);
            encoder.release();
        }
        stats.packets.add(1);
        stats.packetNum.set(number);
        stats.multifdBytes.add((long) geometry.ramPacketLength() + dataBytes);
        stats.normal.add(batch.normalPages());
        stats.duplicate.add(batch.zeroPages());
        trace.sendFill(number, method.flags(), batch.normalPages(), batch.zeroPages(), dataBytes);
    }

    private void holdBack(ByteBuffer fields) throws IOException, InterruptedException {
        if (waiting.remaining() < fields.remaining()) {
            writeWaiting();
        }
        waiting.put(fields);
    }

    private void writeWaiting() throws IOException, InterruptedException {
        if (waiting.position() > 0) {
            writer.write(waiting.flip(), PACKET);
            waiting.clear();
        }
    }

    @Override
    public void pause() throws IOException, InterruptedException {
        writeWaiting();
    }

    @Override
    public void send(DeviceStateSource source, int index) throws IOException, InterruptedException {
        writeWaiting();
        DeviceStatePiece piece = source.pieces().get(index);
        if (devicePacket == null) {
            devicePacket = ByteBuffer.allocateDirect(DEVICE_STATE_BUFFER_BYTES);
        }
        // The packet goes with the first part of its data, and then part by part, however long it is.
        piece.write(devicePacket.clear());
        int start = DeviceStatePiece.HEADER_BYTES;
        for (int offset = 0; offset < piece.lengthBytes(); ) {
            int length = Math.min(piece.lengthBytes() - offset, devicePacket.capacity() - start);
            source.read(index, offset, devicePacket.limit(start + length).position(start));
            writer.write(devicePacket.position(0), DEVICE_STATE);
            devicePacket.clear();
            offset += length;
            start = 0;
        }
        stats.packets.add(1);
        stats.multifdBytes.add(piece.totalBytes());
    }

    @Override
    public void sync(SyncRequest request) throws IOException, InterruptedException {
        writeWaiting();
        writer.flush();
        if (request == SyncRequest.ALL) {
            trace.beginSend();
            long number = packetNum.getAndIncrement();
            syncFields.fillSync(number, geometry);
            writer.write(syncPacket.clear(), SYNC_PACKET);
            stats.packets.add(1);
            stats.packetNum.set(number);
            stats.syncs.add(1);
            stats.multifdBytes.add(geometry.ramPacketLength());
            trace.sendFill(number, MultifdFlags.SYNC, 0, 0, 0);
        }
    }

    @Override
    public void close() {
        encoder.close();
        writer.close();
    }
}
