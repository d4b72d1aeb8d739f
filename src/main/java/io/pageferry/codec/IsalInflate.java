package io.pageferry.codec;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/**
 * Unpacks by {@link Isal}, whose {@code struct inflate_state} has these fields, among tables and the stream's last 64
 * KiB:
 *
 * <pre>
 *   next_out 8, avail_out 4, total_out 4, next_in 8, read_in 8, avail_in 4, …, at 21160: block_state 4, …,
 *   at 21172: crc_flag 4, …, at 21184: dict_id 4
 * </pre>
 */
final class IsalInflate implements Decompressor {
    private static final long NEXT_OUT = 0;
    private static final long AVAIL_OUT = 8;
    private static final long NEXT_IN = 16;
    private static final long AVAIL_IN = 32;
    private static final long BLOCK_STATE = 21_160;
    private static final long CRC_FLAG = 21_172;
    private static final long DICT_ID = 21_184;
    private static final long STATE_BYTES = 87_368;

    private static final int ZLIB_FORMAT = 3;

    private static final int INPUT_DONE = 4;
    private static final int FINISH = 5;
    private static final int CHECKSUM_CHECK = 12;

    private static final int NEED_DICT = 6;

    private final Isal isal;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(STATE_BYTES, Long.BYTES);
    private long unpacked;

    /** Awaits a stream. */
    IsalInflate(Isal isal) {
        this.isal = isal;
        isal.inflateInit(state);
        state.set(JAVA_INT, CRC_FLAG, ZLIB_FORMAT);
    }

    @Override
    public void decompress(ByteBuffer from, ByteBuffer into) throws CodecException {
        state.set(JAVA_LONG, NEXT_IN, address(from));
        state.set(JAVA_INT, AVAIL_IN, from.remaining());
        state.set(JAVA_LONG, NEXT_OUT, address(into));
        state.set(JAVA_INT, AVAIL_OUT, into.remaining());
        int result = isal.inflate(state);
        from.position(from.limit() - state.get(JAVA_INT, AVAIL_IN));
        int room = into.remaining();
        into.position(into.limit() - state.get(JAVA_INT, AVAIL_OUT));
        unpacked += room - into.remaining();
        if (result < 0) {
            throw new CodecException("packet's data must be zlib's: reason=\"" + reason(result) + "\"");
        }
        if (result == NEED_DICT) {
            throw new CodecException("zlib stream must not need a dictionary: adler=" + state.get(JAVA_INT, DICT_ID));
        }
        if (hasEnded(state.get(JAVA_INT, BLOCK_STATE))) {
            throw new CodecException("zlib stream must not end inside a migration: unpacked=" + unpacked);
        }
    }

    private static boolean hasEnded(int blockState) {
        return blockState == INPUT_DONE || blockState == FINISH || blockState == CHECKSUM_CHECK;
    }

    private static long address(ByteBuffer buffer) {
        return BufferUtil.address(buffer) + buffer.position();
    }

    private static String reason(int result) {
        return switch (result) {
            case -1 -> "invalid block";
            case -2 -> "invalid symbol";
            case -3 -> "invalid distance too far back";
            case -4 -> "incorrect header check";
            case -5 -> "unknown compression method";
            case -6 -> "incorrect data check";
            default -> "isal " + result;
        };
    }

    @Override
    public void close() {
        arena.close();
    }
}
