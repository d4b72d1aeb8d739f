package io.pageferry.send;

import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.net.Connection;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends batches as multifd packets: fields into the batch's own buffer, then one gathering write of packet and pages. */
final class PacketOutput implements BatchOutput {
    private static final String PACKET = "packet";
    private static final String SYNC_PACKET = "SYNC packet";

    private final Connection connection;
    private final PacketGeometry geometry;
    private final RamBlockTable blocks;
    private final AtomicLong packetNum;
    private final ChannelStats stats;

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
            RamBlockTable blocks,
            AtomicLong packetNum,
            ChannelStats stats) {
        this.connection = connection;
        this.geometry = geometry;
        this.blocks = blocks;
        this.packetNum = packetNum;
        this.stats = stats;
        this.vector = new IoVector(geometry.pagesPerPacket() + 1);
        this.syncPacket = ByteBuffer.allocateDirect(geometry.ramPacketLength());
        syncFields.wrap(new UnsafeBuffer(syncPacket), 0);
    }

    @Override
    public void send(PageBatch batch, LoadedPages pages) throws IOException {
        int pageSize = geometry.pageSizeBytes();
        packet.wrap(batch.buffer(), 0)
                .fillPages(
                        CompressionMethod.NONE.flags(),
                        geometry.pagesPerPacket(),
                        batch.normalPages(),
                        batch.zeroPages(),
                        batch.normalPages() * pageSize,
                        packetNum.getAndIncrement(),
                        blocks.name(batch.block().index()));
        vector.clear();
        vector.add(batch.bytes().clear());
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            vector.add(pages.region(), pages.position(slot), pageSize);
        }
        connection.writeFully(vector.buffers(), vector.count(), vector.totalBytes(), PACKET);
        stats.packets.add(1);
        stats.multifdBytes.add(vector.totalBytes());
        stats.normal.add(batch.normalPages());
        stats.duplicate.add(batch.zeroPages());
    }

    @Override
    public void sync(SyncRequest request) throws IOException {
        if (request == SyncRequest.ALL) {
            syncFields.fillSync(packetNum.getAndIncrement(), geometry);
            connection.writeFully(syncPacket.clear(), SYNC_PACKET);
            stats.packets.add(1);
            stats.syncs.add(1);
            stats.multifdBytes.add(geometry.ramPacketLength());
        }
    }

    @Override
    public void close() {}
}
