package io.pageferry.image;

import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.MappedRamHeader;
import io.pageferry.stream.RamBlockEntry;
import java.util.List;

/**
 * Where things are in an image. Immutable.
 *
 * @param ram the guest's blocks
 * @param headers one a block, with positions in the file
 * @param endPosition behind the last block's pages: where the RAM section's end begins
 */
record ImageLayout(RamLayout ram, List<MappedRamHeader> headers, long endPosition) {
    ImageLayout {
        headers = List.copyOf(headers);
    }

    /** Takes the positions that an image's list of blocks has. */
    static ImageLayout of(int pageSizeBytes, List<RamBlockEntry> entries) {
        RamLayout ram = new RamLayout(
                pageSizeBytes,
                entries.stream().map(RamBlockEntry::name).toList(),
                entries.stream().mapToLong(RamBlockEntry::lengthBytes).toArray(),
                entries.stream().map(RamBlockEntry::address).toList());
        List<MappedRamHeader> headers =
                entries.stream().map(entry -> entry.header().orElseThrow()).toList();
        MappedRamHeader last = headers.getLast();
        return new ImageLayout(
                ram, headers, last.pagesOffset() + entries.getLast().lengthBytes());
    }

    /** The position in the file of a page. */
    long position(RamBlock block, long pageOffset) {
        return headers.get(block.index()).pagesOffset() + pageOffset;
    }

    MappedRamHeader header(RamBlock block) {
        return headers.get(block.index());
    }
}
