package io.pageferry.wire;

import static io.pageferry.wire.Multifd.BYTE_ORDER;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A packet of pages, or a SYNC packet: {@code MultiFDPacket_t}, version 1, as QEMU 9.0 and later have it. Before, the
 * zero pages' count was reserved, and zero.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                common header: magic, version, flags           |
 *  +---------------------------------------------------------------+
 *  |                          pages_alloc                          |
 *  +---------------------------------------------------------------+
 *  |                          normal_pages                         |
 *  +---------------------------------------------------------------+
 *  |                        next_packet_size                       |
 *  +---------------------------------------------------------------+
 *  |                           packet_num                          |
 *  |                           (8 bytes)                           |
 *  +---------------------------------------------------------------+
 *  |                           zero_pages                          |
 *  +---------------------------------------------------------------+
 *  |                   reserved, zero (28 bytes)                   |
 *  +---------------------------------------------------------------+
 *  |           name of the RAM block, NUL-terminated (256)         |
 *  +---------------------------------------------------------------+
 *  |   offsets in the block, 8 bytes each, pages_alloc of them:    |
 *  |   the normal pages' first, then the zero pages'               |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Then next_packet_size bytes of page data. The array has all its slots on the wire, used or not; in a SYNC packet
 * of QEMU 9.0 and later pages_alloc is 0 and the array is there all the same.
 */
public final class RamPacketFlyweight extends PacketHeaderFlyweight {
    public static final int PAGES_ALLOC_FIELD_OFFSET = HEADER_LENGTH;
    public static final int NORMAL_PAGES_FIELD_OFFSET = PAGES_ALLOC_FIELD_OFFSET + Integer.BYTES;
    public static final int NEXT_PACKET_SIZE_FIELD_OFFSET = NORMAL_PAGES_FIELD_OFFSET + Integer.BYTES;
    public static final int PACKET_NUM_FIELD_OFFSET = NEXT_PACKET_SIZE_FIELD_OFFSET + Integer.BYTES;
    public static final int ZERO_PAGES_FIELD_OFFSET = PACKET_NUM_FIELD_OFFSET + Long.BYTES;
    public static final int RESERVED_FIELD_OFFSET = ZERO_PAGES_FIELD_OFFSET + Integer.BYTES;
    public static final int RAM_BLOCK_FIELD_OFFSET = RESERVED_FIELD_OFFSET + Integer.BYTES + 3 * Long.BYTES;
    public static final int OFFSETS_FIELD_OFFSET = RAM_BLOCK_FIELD_OFFSET + Multifd.IDSTR_BYTES;

    private LongBuffer offsets; // of what is wrapped, once somebody has asked for them

    @Override
    public RamPacketFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        buffer.boundsCheck(offset, OFFSETS_FIELD_OFFSET);
        this.buffer = buffer;
        this.offset = offset;
        this.offsets = null;
        return this;
    }

    /** Writes all fields in front of the offset array, which is left as it is: a page batch has it there already. */
    public RamPacketFlyweight fillPages(
            int flags,
            int pagesAlloc,
            int normalPages,
            int zeroPages,
            int nextPacketSize,
            long packetNum,
            DirectBuffer blockName) {
        fillHeader(flags);
        buffer.putInt(offset + PAGES_ALLOC_FIELD_OFFSET, pagesAlloc, BYTE_ORDER);
        buffer.putInt(offset + NORMAL_PAGES_FIELD_OFFSET, normalPages, BYTE_ORDER);
        buffer.putInt(offset + NEXT_PACKET_SIZE_FIELD_OFFSET, nextPacketSize, BYTE_ORDER);
        buffer.putLong(offset + PACKET_NUM_FIELD_OFFSET, packetNum, BYTE_ORDER);
        buffer.putInt(offset + ZERO_PAGES_FIELD_OFFSET, zeroPages, BYTE_ORDER);
        buffer.setMemory(offset + RESERVED_FIELD_OFFSET, RAM_BLOCK_FIELD_OFFSET - RESERVED_FIELD_OFFSET, (byte) 0);
        int nameLength = blockName.capacity();
        buffer.putBytes(offset + RAM_BLOCK_FIELD_OFFSET, blockName, 0, nameLength);
        buffer.setMemory(offset + RAM_BLOCK_FIELD_OFFSET + nameLength, Multifd.IDSTR_BYTES - nameLength, (byte) 0);
        return this;
    }

    /** Writes a SYNC packet as QEMU 9.0 and later do: all zero but the header and its number. */
    public RamPacketFlyweight fillSync(long packetNum, PacketGeometry geometry) {
        buffer.setMemory(offset, geometry.ramPacketLength(), (byte) 0);
        fillHeader(MultifdFlags.SYNC);
        buffer.putLong(offset + PACKET_NUM_FIELD_OFFSET, packetNum, BYTE_ORDER);
        return this;
    }

    public int pagesAlloc() {
        return buffer.getInt(offset + PAGES_ALLOC_FIELD_OFFSET, BYTE_ORDER);
    }

    public int normalPages() {
        return buffer.getInt(offset + NORMAL_PAGES_FIELD_OFFSET, BYTE_ORDER);
    }

    public int nextPacketSize() {
        return buffer.getInt(offset + NEXT_PACKET_SIZE_FIELD_OFFSET, BYTE_ORDER);
    }

    public long packetNum() {
        return buffer.getLong(offset + PACKET_NUM_FIELD_OFFSET, BYTE_ORDER);
    }

    public int zeroPages() {
        return buffer.getInt(offset + ZERO_PAGES_FIELD_OFFSET, BYTE_ORDER);
    }

    public long pageOffset(int slot) {
        return buffer.getLong(offset + OFFSETS_FIELD_OFFSET + slot * Long.BYTES, BYTE_ORDER);
    }

    /** Copies the first offsets, all at once: one by one it takes long in code that the JVM has not compiled yet. */
    void copyPageOffsets(long[] into, int count) {
        if (offsets == null) {
            offsets = offsets();
        }
        offsets.get(0, into, 0, count);
    }

    private LongBuffer offsets() {
        ByteBuffer bytes =
                buffer.byteArray() == null ? buffer.byteBuffer().duplicate() : ByteBuffer.wrap(buffer.byteArray());
        int start = offset + OFFSETS_FIELD_OFFSET;
        return bytes.clear()
                .slice(buffer.wrapAdjustment() + start, buffer.capacity() - start)
                .order(BYTE_ORDER)
                .asLongBuffer();
    }

    public void pageOffset(int slot, long pageOffset) {
        buffer.putLong(offset + OFFSETS_FIELD_OFFSET + slot * Long.BYTES, pageOffset, BYTE_ORDER);
    }

    /** The block's name for messages: up to its NUL, what is not printable replaced. */
    public String blockName() {
        return Idstr.printable(buffer, offset + RAM_BLOCK_FIELD_OFFSET);
    }

    DirectBuffer buffer() {
        return buffer;
    }

    int blockNameOffset() {
        return offset + RAM_BLOCK_FIELD_OFFSET;
    }
}
