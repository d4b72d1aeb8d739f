package io.pageferry.wire;

/**
 * What follows from a guest's page size: how many pages a packet has at the most, and how long a RAM packet is on the
 * wire.
 *
 * <p>The length never comes from the packet itself: QEMU 9.0 and later send SYNC packets whose {@code pages_alloc} is 0
 * and whose offset array is as long as ever.
 *
 * @param pageSizeBytes the guest's page size, a power of two from 1 KiB to 64 KiB
 */
public record PacketGeometry(int pageSizeBytes) {
    /** RAM records keep flags in an address's low bits, the highest of them 0x200: no page can be smaller than this. */
    public static final int MIN_PAGE_SIZE_BYTES = 1024;

    public static final int MAX_PAGE_SIZE_BYTES = 64 * 1024;

    /** Pages of x86 guests, and of nearly all others. */
    public static final int DEFAULT_PAGE_SIZE_BYTES = 4096;

    public PacketGeometry {
        if (Integer.bitCount(pageSizeBytes) != 1
                || pageSizeBytes < MIN_PAGE_SIZE_BYTES
                || pageSizeBytes > MAX_PAGE_SIZE_BYTES) {
            throw new IllegalArgumentException(
                    "page size must be a power of two from 1024 to 65536: pageSize=" + pageSizeBytes);
        }
    }

    /** Slots of the offset array: QEMU's {@code pages_alloc}. */
    public int pagesPerPacket() {
        return Multifd.PACKET_DATA_BYTES / pageSizeBytes;
    }

    /** Bytes of a RAM packet before its page data, the whole offset array included. */
    public int ramPacketLength() {
        return RamPacketFlyweight.OFFSETS_FIELD_OFFSET + pagesPerPacket() * Long.BYTES;
    }
}
