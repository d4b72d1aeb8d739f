package io.pageferry.wire;

import static io.pageferry.wire.Multifd.BYTE_ORDER;

import org.agrona.MutableDirectBuffer;

/**
 * What all packets after the initial one begin with: {@code MultiFDPacketHdr_t}, version 1.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                       magic 0x11223344                        |
 *  +---------------------------------------------------------------+
 *  |                           version 1                           |
 *  +---------------------------------------------+-+-----------+---+
 *  |                                             |D|compression| S |
 *  +---------------------------------------------+-+-----------+---+
 * </pre>
 *
 * D: device state, S: sync; see {@link MultifdFlags}.
 */
public class PacketHeaderFlyweight {
    public static final int MAGIC_FIELD_OFFSET = 0;
    public static final int VERSION_FIELD_OFFSET = MAGIC_FIELD_OFFSET + Integer.BYTES;
    public static final int FLAGS_FIELD_OFFSET = VERSION_FIELD_OFFSET + Integer.BYTES;
    public static final int HEADER_LENGTH = FLAGS_FIELD_OFFSET + Integer.BYTES;

    protected MutableDirectBuffer buffer;
    protected int offset;

    public PacketHeaderFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        buffer.boundsCheck(offset, HEADER_LENGTH);
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    public int magic() {
        return buffer.getInt(offset + MAGIC_FIELD_OFFSET, BYTE_ORDER);
    }

    public int version() {
        return buffer.getInt(offset + VERSION_FIELD_OFFSET, BYTE_ORDER);
    }

    public int flags() {
        return buffer.getInt(offset + FLAGS_FIELD_OFFSET, BYTE_ORDER);
    }

    protected void fillHeader(int flags) {
        buffer.putInt(offset + MAGIC_FIELD_OFFSET, Multifd.MAGIC, BYTE_ORDER);
        buffer.putInt(offset + VERSION_FIELD_OFFSET, Multifd.VERSION, BYTE_ORDER);
        buffer.putInt(offset + FLAGS_FIELD_OFFSET, flags, BYTE_ORDER);
    }
}
