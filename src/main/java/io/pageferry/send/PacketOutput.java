package io.pageferry.send;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.codec.PageEncoder;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.ChannelTrace;
import io.pageferry.net.Connection;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.MultifdFlags;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends batches as multifd packets: fields into the batch's own buffer, then one gathering write of packet and page data. */
final class PacketOutput implements BatchOutput {
    private static final String PACKET = "packet";
    private static final String SYNC_PACKET = "SYNC packet";

    private final Connection connection;
    private final PacketGeometry geometry;
    private final CompressionMethod method;
    private final PageEncoder encoder;
    private final RamBlockTable blocks;
    private final AtomicLong packetNum;
    private final ChannelStats stats;
    private final ChannelTrace trace;

    private final RamPacketFlyweight packet = new RamPacketFlyweight();
    private final IoVector vector;
    private final ByteBuffer syncPacket;
    private final RamPacketFlyweight syncFields = new RamPacketFlyweight();

    /**
     * Makes an output.
     *
     * @param packetNum numbers the packets of all channels
     */
    PacketOutput(
            Connection connection,
            PacketGeometry geometry,
            ChannelCodecs codecs,
            RamBlockTable blocks,
            AtomicLong packetNum,
            ChannelStats stats) {
        this.connection = connection;
        this.geometry = geometry;
        this.method = codecs.method();
        this.encoder = codecs.newEncoder();
        this.blocks = blocks;
        this.packetNum = packetNum;
        this.stats = stats;
        this.trace = stats.trace();
        this.vector = new IoVector(geometry.pagesPerPacket() + 1);
        this.syncPacket = ByteBuffer.allocateDirect(geometry.ramPacketLength());
        syncFields.wrap(new UnsafeBuffer(syncPacket), 0);
    }

    @Override
    public void send(PageBatch batch, LoadedPages pages) throws IOException, InterruptedException {
        trace.beginSend();
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
        connection.writeFully(vector.buffers(), vector.count(), vector.totalBytes(), PACKET);
        encoder.release();
        stats.packets.add(1);
        stats.packetNum.set(number);
        stats.multifdBytes.add(vector.totalBytes());
        stats.normal.add(batch.normalPages());
        stats.duplicate.add(batch.zeroPages());
        trace.sendFill(number, method.flags(), batch.normalPages(), batch.zeroPages(), dataBytes);
    }

    @Override
    public void sync(SyncRequest request) throws IOException {
        if (request == SyncRequest.ALL) {
            trace.beginSend();
            long number = packetNum.getAndIncrement();
            syncFields.fillSync(number, geometry);
            connection.writeFully(syncPacket.clear(), SYNC_PACKET);
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
    }
}
