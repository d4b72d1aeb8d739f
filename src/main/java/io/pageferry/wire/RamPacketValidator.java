package io.pageferry.wire;

/**
 * What must hold of a RAM packet, before a byte of a page lands. One a channel; used by the channel's thread only.
 *
 * <p>After {@link #validate} returned, all of this is certain: the counts are not negative and fit the offset array,
 * the block is one of the table's, each offset is a page's and lies in the block, and next_packet_size is what the
 * method allows.
 */
public final class RamPacketValidator {
    private final int channel;
    private final PacketGeometry geometry;
    private final CompressionMethod agreed;
    private final RamBlockTable blocks;
    private final long[] offsets;

    public RamPacketValidator(int channel, PacketGeometry geometry, CompressionMethod agreed, RamBlockTable blocks) {
        this.channel = channel;
        this.geometry = geometry;
        this.agreed = agreed;
        this.blocks = blocks;
        this.offsets = new long[geometry.pagesPerPacket()];
    }

    /**
     * Checks a packet whose common header was checked already.
     *
     * @return the index of the packet's block, or {@link RamBlockTable#NOT_FOUND} where the packet has no pages
     * @throws WireException at the first field that is not allowed
     */
    public int validate(RamPacketFlyweight packet) throws WireException {
        requireCompression(packet);
        int slots = geometry.pagesPerPacket();
        requireAtMost("pages_alloc", packet.pagesAlloc(), slots);
        requireSlots(packet, slots);
        int normal = packet.normalPages();
        requireAtMost("normal_pages", normal, slots);
        int zero = packet.zeroPages();
        requireAtMost("zero_pages", zero, slots - normal);
        requireDataSize(packet, normal);
        if (normal + zero == 0) {
            return RamBlockTable.NOT_FOUND;
        }
        int block = blocks.indexOf(packet.buffer(), packet.blockNameOffset());
        if (block == RamBlockTable.NOT_FOUND) {
            throw new WireException(String.format(
                    "packet's block must be one of the guest's: channel=%d block=%s", channel, packet.blockName()));
        }
        requireOffsets(packet, normal + zero, blocks.lengthBytes(block));
        return block;
    }

    private void requireAtMost(String field, int value, int most) throws WireException {
        if (Integer.compareUnsigned(value, most) > 0) {
            throw new WireException(String.format(
                    "packet's %s must be %d at the most: channel=%d %s=%s",
                    field, most, channel, field, Integer.toUnsignedString(value)));
        }
    }

    /** QEMU 9.0 and later say 0 in a SYNC packet; any other number than the slots comes of pages of another size. */
    private void requireSlots(RamPacketFlyweight packet, int slots) throws WireException {
        int said = packet.pagesAlloc();
        if (said != slots && said != 0) {
            throw new WireException(String.format(
                    "packet's pages_alloc must be that of the guest's page size, set page-size where it is another:"
                            + " channel=%d pages_alloc=%d expected=%d pageSize=%d",
                    channel, said, slots, geometry.pageSizeBytes()));
        }
    }

    private void requireCompression(RamPacketFlyweight packet) throws WireException {
        int method = packet.flags() & MultifdFlags.COMPRESSION_MASK;
        boolean empty = packet.normalPages() == 0 && packet.zeroPages() == 0;
        if (method != agreed.flags() && !(empty && method == 0)) {
            throw new WireException(String.format(
                    "packet's compression must be the agreed one, set multifd-compression as the source has it:"
                            + " channel=%d compression=%s agreed=%s flags=0x%x",
                    channel, CompressionMethod.describe(packet.flags()), agreed.qemuName(), packet.flags()));
        }
    }

    private void requireDataSize(RamPacketFlyweight packet, int normal) throws WireException {
        int size = packet.nextPacketSize();
        if (normal == 0) {
            // No data follows, whatever is said: QEMU before 9.0 leaves the size of its last packet here.
            requireAtMost("next_packet_size", size, maxDataBytes());
            return;
        }
        if (agreed != CompressionMethod.NONE) {
            requireAtMost("next_packet_size", size, maxDataBytes());
            return;
        }
        int expected = normal * geometry.pageSizeBytes();
        if (size != expected) {
            throw new WireException(String.format(
                    "packet's next_packet_size must be its normal pages' size:"
                            + " channel=%d next_packet_size=%s normal_pages=%d expected=%d",
                    channel, Integer.toUnsignedString(size), normal, expected));
        }
    }

    private int maxDataBytes() {
        return agreed == CompressionMethod.NONE ? Multifd.PACKET_DATA_BYTES : Multifd.MAX_COMPRESSED_BYTES;
    }

    private void requireOffsets(RamPacketFlyweight packet, int pages, long blockLength) throws WireException {
        packet.copyPageOffsets(offsets, pages);
        long pageMask = geometry.pageSizeBytes() - 1L;
        long last = blockLength - geometry.pageSizeBytes();
        for (int slot = 0; slot < pages; slot++) {
            long offset = offsets[slot];
            if ((offset & pageMask) != 0 || offset < 0 || offset > last) {
                throw refusal(packet, offset, blockLength);
            }
        }
    }

    private WireException refusal(RamPacketFlyweight packet, long offset, long blockLength) {
        return (offset & (geometry.pageSizeBytes() - 1L)) != 0
                ? new WireException(String.format(
                        "page offset must be a multiple of the page size: channel=%d block=%s offset=0x%x pageSize=%d",
                        channel, packet.blockName(), offset, geometry.pageSizeBytes()))
                : new WireException(String.format(
                        "page offset must lie in its block: channel=%d block=%s offset=0x%x length=0x%x",
                        channel, packet.blockName(), offset, blockLength));
    }
}
