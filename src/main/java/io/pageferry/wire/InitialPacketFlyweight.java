package io.pageferry.wire;

import static io.pageferry.wire.Multifd.BYTE_ORDER;

import java.util.UUID;
import org.agrona.MutableDirectBuffer;

/**
 * First packet of a multifd channel: {@code MultiFDInit_t}, version 1.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                       magic 0x11223344                        |
 *  +---------------------------------------------------------------+
 *  |                           version 1                           |
 *  +---------------------------------------------------------------+
 *  |                                                               |
 *  |                       uuid of the guest                       |
 *  |                (16 bytes, zero where none is set)             |
 *  |                                                               |
 *  +---------------+-----------------------------------------------+
 *  |  channel id   |                                               |
 *  +---------------+      reserved, zero (7 + 32 bytes)            |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 * </pre>
 */
public final class InitialPacketFlyweight {
    public static final int MAGIC_FIELD_OFFSET = 0;
    public static final int VERSION_FIELD_OFFSET = MAGIC_FIELD_OFFSET + Integer.BYTES;
    public static final int UUID_FIELD_OFFSET = VERSION_FIELD_OFFSET + Integer.BYTES;
    public static final int CHANNEL_ID_FIELD_OFFSET = UUID_FIELD_OFFSET + 2 * Long.BYTES;
    public static final int RESERVED_FIELD_OFFSET = CHANNEL_ID_FIELD_OFFSET + Byte.BYTES;
    public static final int LENGTH = RESERVED_FIELD_OFFSET + 7 + 4 * Long.BYTES;

    private MutableDirectBuffer buffer;
    private int offset;

    public InitialPacketFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        buffer.boundsCheck(offset, LENGTH);
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /** Writes a whole packet, the reserved bytes as zeros. */
    public InitialPacketFlyweight fill(UUID uuid, int channelId) {
        buffer.setMemory(offset, LENGTH, (byte) 0);
        buffer.putInt(offset + MAGIC_FIELD_OFFSET, Multifd.MAGIC, BYTE_ORDER);
        buffer.putInt(offset + VERSION_FIELD_OFFSET, Multifd.VERSION, BYTE_ORDER);
        buffer.putLong(offset + UUID_FIELD_OFFSET, uuid.getMostSignificantBits(), BYTE_ORDER);
        buffer.putLong(offset + UUID_FIELD_OFFSET + Long.BYTES, uuid.getLeastSignificantBits(), BYTE_ORDER);
        buffer.putByte(offset + CHANNEL_ID_FIELD_OFFSET, (byte) channelId);
        return this;
    }

    public int magic() {
        return buffer.getInt(offset + MAGIC_FIELD_OFFSET, BYTE_ORDER);
    }

    public int version() {
        return buffer.getInt(offset + VERSION_FIELD_OFFSET, BYTE_ORDER);
    }

    public UUID uuid() {
        return new UUID(
                buffer.getLong(offset + UUID_FIELD_OFFSET, BYTE_ORDER),
                buffer.getLong(offset + UUID_FIELD_OFFSET + Long.BYTES, BYTE_ORDER));
    }

    /** Unsigned. */
    public int channelId() {
        return buffer.getByte(offset + CHANNEL_ID_FIELD_OFFSET) & 0xff;
    }
}
