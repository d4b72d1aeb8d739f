package io.pageferry.codec;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/**
 * {@link Isal}'s {@code struct inflate_state}, which has these fields, among tables and the stream's last 64 KiB:
 *
 * <pre>
 *   next_out 8, avail_out 4, total_out 4, next_in 8, read_in 8, avail_in 4, …, at 21160: block_state 4, …,
 *   at 21172: crc_flag 4, …, at 21184: dict_id 4
 * </pre>
 */
final class IsalState implements AutoCloseable {
    private static final long NEXT_OUT = 0;
    private static final long AVAIL_OUT = 8;
    private static final long NEXT_IN = 16;
    private static final long AVAIL_IN = 32;
    private static final long BLOCK_STATE = 21_160;
    private static final long CRC_FLAG = 21_172;
    private static final long DICT_ID = 21_184;
    private static final long STATE_BYTES = 87_368;

    private static final int INPUT_DONE = 4;
    private static final int FINISH = 5;
    private static final int CHECKSUM_CHECK = 12;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(STATE_BYTES, Long.BYTES);

    MemorySegment memory() {
        return memory;
    }

    /** Sets what a stream has around it, after it was made ready. */
    void format(DeflateFormat format) {
        memory.set(JAVA_INT, CRC_FLAG, format.isalFlag());
    }

    /** What is to be unpacked, and where to. */
    void buffers(ByteBuffer from, ByteBuffer into) {
        memory.set(JAVA_LONG, NEXT_IN, address(from));
        memory.set(JAVA_INT, AVAIL_IN, from.remaining());
        memory.set(JAVA_LONG, NEXT_OUT, address(into));
        memory.set(JAVA_INT, AVAIL_OUT, into.remaining());
    }

    /** How much room the library has left, as it says. */
    int roomLeft() {
        return memory.get(JAVA_INT, AVAIL_OUT);
    }

    /** Moves the buffers on by what was done, where nothing has failed. */
    void advance(ByteBuffer from, ByteBuffer into) {
        from.position(from.limit() - memory.get(JAVA_INT, AVAIL_IN));
        into.position(into.limit() - roomLeft());
    }

    /** Whether the last block has been unpacked. */
    boolean hasEnded() {
        int state = memory.get(JAVA_INT, BLOCK_STATE);
        return state == INPUT_DONE || state == FINISH || state == CHECKSUM_CHECK;
    }

    /** The dictionary that a stream needs. */
    int dictionary() {
        return memory.get(JAVA_INT, DICT_ID);
    }

    private static long address(ByteBuffer buffer) {
        return BufferUtil.address(buffer) + buffer.position();
    }

    @Override
    public void close() {
        arena.close();
    }
}
