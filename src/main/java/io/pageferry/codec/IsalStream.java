package io.pageferry.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/**
 * {@link Isal}'s {@code struct isal_zstream}, which begins so, and has the state of the stream behind it:
 *
 * <pre>
 *   next_in 8, avail_in 4, total_in 4, next_out 8, avail_out 4, total_out 4, hufftables 8,
 *   level 4, level_buf_size 4, level_buf 8, end_of_stream 2, flush 2, gzip_flag 2, hist_bits 2
 * </pre>
 */
final class IsalStream implements AutoCloseable {
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

    /** The header's default for the last level, the largest of all. */
    private static final int LEVEL_BUF_BYTES = 348_160;

    private static final short SYNC_FLUSH = 1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(STREAM_BYTES, Long.BYTES);
    private final MemorySegment levelBuffer = arena.allocate(LEVEL_BUF_BYTES, Long.BYTES);

    MemorySegment memory() {
        return memory;
    }

    /** Sets what a stream has throughout, after it was made ready. */
    void format(DeflateFormat format, int level) {
        memory.set(JAVA_INT, LEVEL, level);
        memory.set(JAVA_INT, LEVEL_BUF_SIZE, LEVEL_BUF_BYTES);
        memory.set(ADDRESS, LEVEL_BUF, levelBuffer);
        memory.set(JAVA_SHORT, GZIP_FLAG, format.isalFlag());
    }

    /** Has each call end with a flush, and not the stream. */
    void flushEachTime() {
        memory.set(JAVA_SHORT, FLUSH, SYNC_FLUSH);
    }

    /** What is to be packed. */
    void input(ByteBuffer from) {
        memory.set(JAVA_LONG, NEXT_IN, BufferUtil.address(from) + from.position());
        memory.set(JAVA_INT, AVAIL_IN, from.remaining());
    }

    /** Where that goes. */
    void output(ByteBuffer into) {
        memory.set(JAVA_LONG, NEXT_OUT, BufferUtil.address(into) + into.position());
        memory.set(JAVA_INT, AVAIL_OUT, into.remaining());
    }

    /** How much room is left there. */
    int roomLeft() {
        return memory.get(JAVA_INT, AVAIL_OUT);
    }

    @Override
    public void close() {
        arena.close();
    }
}
