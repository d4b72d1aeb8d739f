package io.pageferry.image;

import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.MappedRamHeader;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.Section;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/** Writes what an image has around its pages: everything up to the list of blocks, and the RAM section's end. */
final class ImageHead {
    /** For the capability that is added when device state has come beside RAM: no page may move for it. */
    private static final int ROOM_BYTES = 64;

    /** Each of a block's header, bitmap and pages may begin and end in the middle of a disk's block. */
    private static final long DISK_BLOCKS_BYTES = 4 * 4096;

    private ImageHead() {}

    /** The most room that headers and bitmaps take on disk. */
    static long mostBytes(RamLayout ram) {
        return ram.blocks().stream()
                .mapToLong(block -> MappedRamHeader.bitmapBytes(block.pages()) + DISK_BLOCKS_BYTES)
                .sum();
    }

    /**
     * Writes header, configuration and list of blocks, and so lays out the file as QEMU does.
     *
     * @param start where in the file the stream begins
     */
    static ImageLayout write(
            FileChannel file, Object image, long start, Configuration configuration, Section section, RamLayout ram)
            throws IOException {
        FileSink sink = new FileSink(file, image, start);
        StreamOutput out = new StreamOutput(sink);
        out.u32(SectionType.FILE_MAGIC).u32(SectionType.FILE_VERSION);
        configuration.withMappedRam(true).write(out);
        section.writeStart(out, SectionType.SECTION_START);
        out.u64(ram.totalBytes() | RamFlags.MEM_SIZE);
        List<MappedRamHeader> headers = new ArrayList<>();
        int room = configuration.hasCapability(Configuration.DEVICE_STATE)
                ? ROOM_BYTES - Byte.BYTES - Configuration.DEVICE_STATE.length()
                : ROOM_BYTES;
        for (RamBlock block : ram.blocks()) {
            out.countedString(block.name()).u64(block.lengthBytes());
            if (configuration.hasCapability(Configuration.IGNORE_SHARED)) {
                out.u64(ram.address(block).orElseThrow());
            }
            out.flush();
            long bitmapOffset = sink.position() + MappedRamHeader.LENGTH;
            long pagesOffset = alignUp(bitmapOffset + MappedRamHeader.bitmapBytes(block.pages()) + room);
            room = 0; // the capability stands in front of the first block
            MappedRamHeader header = new MappedRamHeader(ram.pageSizeBytes(), bitmapOffset, pagesOffset);
            header.write(out);
            out.flush();
            headers.add(header);
            sink.position(pagesOffset + block.lengthBytes());
        }
        out.u64(RamFlags.EOS);
        section.writeFooter(out);
        out.flush();
        return new ImageLayout(ram, headers, sink.position());
    }

    private static long alignUp(long position) {
        return (position + MappedRamHeader.PAGES_ALIGNMENT - 1) & -MappedRamHeader.PAGES_ALIGNMENT;
    }
}
