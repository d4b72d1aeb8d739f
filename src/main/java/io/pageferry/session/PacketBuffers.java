package io.pageferry.session;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.BufferStock;
import io.pageferry.wire.Multifd;
import io.pageferry.wire.PacketGeometry;

/**
 * Pools of buffers that hold the data of one packet. All migrations of the process share their buffers: those of a
 * server are idle most of the time, and a buffer with all that belongs to it is half a MiB.
 */
final class PacketBuffers {
    /**
     * How many buffers a migration has at the most. A buffer is taken when a packet's header is in, and given back when
     * its pages are written; more of them than there are packets being moved at the same time would only be memory. 32
     * MiB; as much again, and twice, where page data is compressed.
     */
    private static final int MAX_BUFFERS = 64;

    private static final int MAX_PAGES = Multifd.PACKET_DATA_BYTES / PacketGeometry.MIN_PAGE_SIZE_BYTES;

    /**
     * How many are kept that nobody uses at the moment: 8 MiB, or four times that where each is the last of its slab.
     * Enough for what goes up and down from packet to packet.
     */
    private static final int MAX_KEPT = 16;

    private static final BufferStock PLAIN = new BufferStock(Multifd.PACKET_DATA_BYTES, 1 + MAX_PAGES + 1, MAX_KEPT);
    private static final BufferStock COMPRESSED = new BufferStock(Multifd.MAX_COMPRESSED_BYTES, 1, MAX_KEPT);

    private PacketBuffers() {}

    /** How many buffers of either kind a migration has at the most. */
    static int mostBuffers(int channels) {
        return Math.min(channels, MAX_BUFFERS);
    }

    /** For pages as they are. */
    static BufferPool newPool(int channels) {
        return new BufferPool(PLAIN, mostBuffers(channels));
    }

    /** For pages as a codec has them on the wire. */
    static BufferPool newCodecPool(int channels) {
        return new BufferPool(COMPRESSED, mostBuffers(channels));
    }
}
