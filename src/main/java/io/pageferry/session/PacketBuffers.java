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
     * How many buffers a migration has at the most: 32 MiB; as much again, and twice, where page data is compressed.
     */
    private static final int MAX_BUFFERS = 64;

    /** Of a channel: one is between the network and memory, and one between memory and the disk. */
    private static final int BUFFERS_OF_CHANNEL = 2;

    private static final int MAX_PAGES = Multifd.PACKET_DATA_BYTES / PacketGeometry.MIN_PAGE_SIZE_BYTES;

    /**
     * How many are kept that nobody uses at the moment: 8 MiB, or four times that where each is the last of its slab.
     * Enough for what goes up and down from packet to packet.
     */
    private static final int MAX_KEPT = 16;

    private static final BufferStock PLAIN = new BufferStock(Multifd.PACKET_DATA_BYTES, 1 + MAX_PAGES + 1, MAX_KEPT);
    private static final BufferStock COMPRESSED = new BufferStock(Multifd.MAX_COMPRESSED_BYTES, 1, MAX_KEPT);

    private PacketBuffers() {}

    /** How many buffers for pages as they are a migration has at the most. */
    static int mostBuffers(int channels) {
        return Math.min(BUFFERS_OF_CHANNEL * channels, MAX_BUFFERS);
    }

    /** The same for pages as a codec has them: no channel is at more than one packet. */
    static int mostCodecBuffers(int channels) {
        return Math.min(channels, MAX_BUFFERS);
    }

    /** For pages as they are. */
    static BufferPool newPool(int channels) {
        return new BufferPool(PLAIN, mostBuffers(channels));
    }

    /** For pages as a codec has them on the wire. */
    static BufferPool newCodecPool(int channels) {
        return new BufferPool(COMPRESSED, mostCodecBuffers(channels));
    }
}
