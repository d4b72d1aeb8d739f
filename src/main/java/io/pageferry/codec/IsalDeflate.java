package io.pageferry.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pageferry.wire.Multifd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/**
 * Packs by {@link Isal}, whose {@code struct isal_zstream} begins so, and has the state of the stream behind it:
 *
 * <pre>
 *   next_in 8, avail_in 4, total_in 4, next_out 8, avail_out 4, total_out 4, hufftables 8,
 *   level 4, level_buf_size 4, level_buf 8, end_of_stream 2, flush 2, gzip_flag 2, hist_bits 2
 * </pre>
 */
final class IsalDeflate implements Compressor {
    private static final long NEXT_IN = 0;
    private static final long AVAIL_IN = 8;
    private static final long NEXT_OUT = 16;
    private static final long AVAIL_OUT = 24;
    private static final long LEVEL = 40;
    private static final long LEVEL_BUF_SIZE = 44;
    private static final long LEVEL_BUF = 48;
    private static final long FLUSH = 58;
    private static final long GZIP_FLAG = 60;
    private static final long STREAM_BYTES = 82_384;

    /** Of zlib's levels, those that this packs as well as. */
    private static final int LEAST_LEVEL = 1;

    private static final int MOST_LEVEL = 3;

    /**
     * The library's own level, its last. On pages that are half random, 1 and 2 leave a quarter more than zlib's level
     * 1, on text none does; this one is never far behind zlib, and still three to five times as fast.
     */
    private static final int ISAL_LEVEL = 3;

    /** The header's default for that level, which is the best. */
    private static final int LEVEL_BUF_BYTES = 348_160;

    private static final short SYNC_FLUSH = 1;
    private static final short ZLIB_FORMAT = 3;
    private static final int OK = 0;

    private final Isal isal;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment stream = arena.allocate(STREAM_BYTES, Long.BYTES);

    /**
     * What is packed, out of the guest's reach. The library looks for matches in the input itself: a page that changes
     * after it was packed would be matched as it is then, where the receiver has it as it was.
     */
    private final MemorySegment input = arena.allocate(Multifd.PACKET_DATA_BYTES, Long.BYTES);

    private final ByteBuffer gathered = input.asByteBuffer();

    /** Begins a stream. */
    IsalDeflate(Isal isal) {
        this.isal = isal;
        isal.deflateInit(stream);
        stream.set(JAVA_INT, LEVEL, ISAL_LEVEL);
        stream.set(JAVA_INT, LEVEL_BUF_SIZE, LEVEL_BUF_BYTES);
        stream.set(ADDRESS, LEVEL_BUF, arena.allocate(LEVEL_BUF_BYTES, Long.BYTES));
        stream.set(JAVA_SHORT, FLUSH, SYNC_FLUSH);
        stream.set(JAVA_SHORT, GZIP_FLAG, ZLIB_FORMAT);
    }

    /** Whether the library packs as well as zlib does with one of its levels. */
    static boolean isEquivalentTo(int level) {
        return level >= LEAST_LEVEL && level <= MOST_LEVEL;
    }

    @Override
    public void compress(ByteBuffer from, ByteBuffer into, boolean flush) throws CodecException {
        gathered.put(from);
        if (flush) {
            deflate(into);
            gathered.clear();
        }
    }

    private void deflate(ByteBuffer into) throws CodecException {
        stream.set(ADDRESS, NEXT_IN, input);
        stream.set(JAVA_INT, AVAIL_IN, gathered.position());
        stream.set(JAVA_LONG, NEXT_OUT, BufferUtil.address(into) + into.position());
        stream.set(JAVA_INT, AVAIL_OUT, into.remaining());
        int result = isal.deflate(stream);
        if (result != OK) {
            throw new CodecException("pages must be packed: isal=" + result);
        }
        int left = stream.get(JAVA_INT, AVAIL_OUT);
        // Room that is left says that all is out, as with zlib.
        if (left == 0) {
            throw new CodecException("packed pages must fit a packet: room=" + into.capacity());
        }
        into.position(into.limit() - left);
    }

    @Override
    public void close() {
        arena.close();
    }
}
