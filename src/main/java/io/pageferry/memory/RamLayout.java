package io.pageferry.memory;

import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** All RAM blocks of a guest, in the order that its source lists them. Immutable. */
public final class RamLayout {
    private final List<RamBlock> blocks;
    private final int pageSizeBytes;
    private final long totalBytes;
    private final List<OptionalLong> addresses;

    /**
     * Makes a layout.
     *
     * @param names the blocks' names
     * @param lengthsBytes as many, each whole pages
     */
    public RamLayout(int pageSizeBytes, List<String> names, long[] lengthsBytes) {
        this(
                pageSizeBytes,
                names,
                lengthsBytes,
                names.stream().map(name -> OptionalLong.empty()).toList());
    }

    /**
     * Makes a layout.
     *
     * @param names the blocks' names
     * @param lengthsBytes as many, each whole pages
     * @param addresses as many: where the guest sees each block, or nothing where that is not known
     */
    public RamLayout(int pageSizeBytes, List<String> names, long[] lengthsBytes, List<OptionalLong> addresses) {
        this.addresses = List.copyOf(addresses);
        this.pageSizeBytes = pageSizeBytes;
        this.blocks = IntStream.range(0, names.size())
                .mapToObj(i -> new RamBlock(i, names.get(i), lengthsBytes[i], pageSizeBytes))
                .toList();
        this.totalBytes = blocks.stream().mapToLong(RamBlock::lengthBytes).reduce(0, Math::addExact);
    }

    public List<RamBlock> blocks() {
        return blocks;
    }

    public RamBlock block(int index) {
        return blocks.get(index);
    }

    /** Where the guest sees a block, if its source has said so. */
    public OptionalLong address(RamBlock block) {
        return addresses.get(block.index());
    }

    public int pageSizeBytes() {
        return pageSizeBytes;
    }

    /** The guest's RAM in all. */
    public long totalBytes() {
        return totalBytes;
    }

    public long totalPages() {
        return totalBytes / pageSizeBytes;
    }

    public List<String> names() {
        return blocks.stream().map(RamBlock::name).toList();
    }

    public long[] lengthsBytes() {
        return blocks.stream().mapToLong(RamBlock::lengthBytes).toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RamLayout that
                && blocks.equals(that.blocks)
                && pageSizeBytes == that.pageSizeBytes
                && addresses.equals(that.addresses);
    }

    @Override
    public int hashCode() {
        return blocks.hashCode();
    }

    @Override
    public String toString() {
        return blocks.toString();
    }
}
