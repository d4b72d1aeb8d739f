package io.pageferry.wire;

import static io.pageferry.wire.Multifd.BYTE_ORDER;

import org.agrona.MutableDirectBuffer;

/**
 * A packet with a piece of a device's state, QEMU 10.0 and later: {@code MultiFDPacketDeviceState_t}, version 1.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                common header: magic, version, flags           |
 *  +---------------------------------------------------------------+
 *  |             idstr of the device, NUL-terminated (256)         |
 *  +---------------------------------------------------------------+
 *  |                          instance_id                          |
 *  +---------------------------------------------------------------+
 *  |                        next_packet_size                       |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Then next_packet_size bytes of the device's own, at least one. Never with SYNC.
 */
public final class DeviceStatePacketFlyweight extends PacketHeaderFlyweight {
    public static final int IDSTR_FIELD_OFFSET = HEADER_LENGTH;
    public static final int INSTANCE_ID_FIELD_OFFSET = IDSTR_FIELD_OFFSET + Multifd.IDSTR_BYTES;
    public static final int NEXT_PACKET_SIZE_FIELD_OFFSET = INSTANCE_ID_FIELD_OFFSET + Integer.BYTES;
    public static final int LENGTH = NEXT_PACKET_SIZE_FIELD_OFFSET + Integer.BYTES;

    @Override
    public DeviceStatePacketFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        buffer.boundsCheck(offset, LENGTH);
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /** Writes all of a packet but its data. */
    public DeviceStatePacketFlyweight fill(String idstr, int instanceId, int dataBytes) {
        buffer.setMemory(offset, LENGTH, (byte) 0);
        fillHeader(MultifdFlags.DEVICE_STATE);
        buffer.putStringWithoutLengthAscii(offset + IDSTR_FIELD_OFFSET, idstr);
        buffer.putInt(offset + INSTANCE_ID_FIELD_OFFSET, instanceId, BYTE_ORDER);
        buffer.putInt(offset + NEXT_PACKET_SIZE_FIELD_OFFSET, dataBytes, BYTE_ORDER);
        return this;
    }

    public int instanceId() {
        return buffer.getInt(offset + INSTANCE_ID_FIELD_OFFSET, BYTE_ORDER);
    }

    public int nextPacketSize() {
        return buffer.getInt(offset + NEXT_PACKET_SIZE_FIELD_OFFSET, BYTE_ORDER);
    }

    /** Bytes of the name; {@link Multifd#IDSTR_BYTES} where its NUL is missing. */
    public int idstrLength() {
        return Idstr.length(buffer, offset + IDSTR_FIELD_OFFSET);
    }

    /** Whether the name is printable ASCII, as all of QEMU's are. */
    public boolean isIdstrPrintable() {
        return Idstr.isPrintable(buffer, offset + IDSTR_FIELD_OFFSET);
    }

    /** The device's name, whole, in a packet that was validated. */
    public String idstr() {
        return buffer.getStringWithoutLengthAscii(offset + IDSTR_FIELD_OFFSET, idstrLength());
    }

    /** The device's name for messages about a packet that is none. */
    String shownIdstr() {
        return Idstr.printable(buffer, offset + IDSTR_FIELD_OFFSET);
    }
}
