package io.pageferry.memory;

/**
 * One RAM block of a guest, such as {@code pc.ram}: what QEMU calls a {@code RAMBlock}, without its bytes.
 *
 * @param index the block's place in its {@link RamLayout}
 * @param name QEMU's idstr, one to 255 bytes of ASCII
 * @param lengthBytes a multiple of the page size: the used length, which is what migrates
 * @param pageSizeBytes the guest's page size
 */
public record RamBlock(int index, String name, long lengthBytes, int pageSizeBytes) {
    public RamBlock {
        if (lengthBytes < 0 || lengthBytes % pageSizeBytes != 0) {
            throw new IllegalArgumentException("block length must be whole pages: block=" + name + " length=0x"
                    + Long.toHexString(lengthBytes) + " pageSize=" + pageSizeBytes);
        }
    }

    public long pages() {
        return lengthBytes / pageSizeBytes;
    }
}
