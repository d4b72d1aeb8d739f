package io.pageferry.session;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.memory.MemoryBudget.Share;
import io.pageferry.memory.MemoryException;
import io.pageferry.wire.Multifd;

/**
 * What a migration takes of the process's memory before anything is known of its guest, at the most and in bytes:
 * rounded up from measurements (perf/overhead), and from what is made for each channel.
 *
 * <p>What its peer decides on is added when the peer has said it and before it is made: bitmaps of the guest's pages,
 * the window of each zstd stream, device state behind RAM as it grows. Device state beside RAM goes to disk through
 * page buffers, and takes none of its own.
 */
record MigrationMemory(long heap, long direct, long nativeBytes) {
    /** For what has no channels of its own. */
    static final MigrationMemory NOTHING = new MigrationMemory(0, 0, 0);

    private static final long KIB = 1 << 10;

    /** Threads, scope, counters, names of blocks. */
    private static final long HEAP = 128 * KIB;

    private static final long HEAP_OF_CHANNEL = 24 * KIB;

    /**
     * Two records of TLS in either direction, by the JDK or Bouncy Castle; BoringSSL takes as much outside of the heap.
     */
    private static final long TLS_OF_CONNECTION = 160 * KIB;

    /** The main channel's buffers for reading and writing. */
    private static final long DIRECT = 176 * KIB;

    /** A packet without its pages, at most 4.5 KiB, and what the JDK keeps for a thread that does I/O from the heap. */
    private static final long DIRECT_OF_CHANNEL = 24 * KIB;

    /**
     * A codec's tables and its state, but for zstd's window when unpacking: zlib's 32 KiB window and tables, or
     * ISA-L's, which are larger.
     */
    private static final long UNPACKING_OF_CHANNEL = 256 * KIB;

    /** The pages of a packet, where they do not lie side by side in the guest. */
    private static final long PAGES_BY_QATZIP_OF_CHANNEL = Multifd.PACKET_DATA_BYTES;

    private static final long PACKING_BY_ZLIB_OF_CHANNEL = 1024 * KIB;

    /** One bit a page, in bytes. */
    static long bitmapBytes(long pages) {
        return pages / Byte.SIZE + Long.BYTES;
    }

    /** What one that comes in over sockets takes to begin: where the number of its channels is open, that of one. */
    static MigrationMemory ofIncoming(MigrationParameters parameters) {
        return ofIncoming(parameters, parameters.fewerChannels() ? 1 : parameters.multifdChannels());
    }

    /** And what it takes with so many of them. */
    static MigrationMemory ofIncoming(MigrationParameters parameters, int channels) {
        boolean together = parameters.compression() == MultifdCompression.QATZIP;
        return of(parameters, channels, UNPACKING_OF_CHANNEL + (together ? PAGES_BY_QATZIP_OF_CHANNEL : 0));
    }

    /** What is not in another one. */
    MigrationMemory without(MigrationMemory less) {
        return new MigrationMemory(heap - less.heap, direct - less.direct, nativeBytes - less.nativeBytes);
    }

    /** What one that goes out over sockets takes. */
    static MigrationMemory ofOutgoing(MigrationParameters parameters) {
        return of(
                parameters,
                parameters.multifdChannels(),
                parameters.compression() == MultifdCompression.ZSTD
                        ? packingByZstd(parameters.compressionLevel())
                        : PACKING_BY_ZLIB_OF_CHANNEL);
    }

    private static MigrationMemory of(MigrationParameters parameters, int channels, long codecOfChannel) {
        long connections = channels + 1;
        long tls = parameters.tls().isPresent() ? connections * TLS_OF_CONNECTION : 0;
        long pages = (long) PacketBuffers.mostBuffers(channels) * Multifd.PACKET_DATA_BYTES;
        long packed = parameters.compression() == MultifdCompression.NONE
                ? 0
                : (long) PacketBuffers.mostCodecBuffers(channels) * Multifd.MAX_COMPRESSED_BYTES
                        + channels * codecOfChannel;
        return new MigrationMemory(
                HEAP + channels * HEAP_OF_CHANNEL + tls, DIRECT + channels * DIRECT_OF_CHANNEL, pages + packed + tls);
    }

    /** What zstd's manual and its own estimates say of a stream, rounded up. */
    private static long packingByZstd(int level) {
        long mib = level <= 3 ? 4 : level <= 9 ? 20 : level <= 15 ? 48 : level <= 19 ? 96 : 160;
        return mib << 20;
    }

    /** Takes it, or nothing that is not given back with the share. */
    void takeFrom(Share share) throws MemoryException {
        share.take(Kind.HEAP, heap, "channels");
        share.take(Kind.DIRECT, direct, "channels");
        share.take(Kind.NATIVE, nativeBytes, "page buffers and codecs");
    }
}
