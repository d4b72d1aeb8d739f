package io.pageferry.image;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.HeapDeviceStateStore;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.MappedRamHeader;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.RamBlockEntry;
import io.pageferry.stream.RamSectionHandler;
import io.pageferry.stream.RamSectionReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Everything that an image says but its pages. Immutable. */
record ImageContents(
        Configuration configuration,
        Section ramSection,
        ImageLayout layout,
        List<PageBitmap> present,
        DeviceState deviceState,
        DeviceStateSource besideRam) {

    private static final Set<String> CAPABILITIES = Set.of(
            Configuration.MAPPED_RAM, Configuration.IGNORE_SHARED, Configuration.DEVICE_STATE, Configuration.ABSENT);

    private static final int BITMAP_BUFFER_BYTES = 64 * 1024;

    /** Reads and checks an image. */
    static ImageContents read(FileChannel file, Object path, long start, long maxRamBytes) throws IOException {
        FileFormat format = FileFormat.of(FileIo.readHead(file, start, FileFormat.HEAD_BYTES, path));
        if (!format.mayBeImage()) {
            throw format.noImage(path, start);
        }
        FileSource source = new FileSource(file, path);
        StreamInput in = new StreamInput(source);
        in.seek(start);
        MainStreamReader stream = new MainStreamReader(in);
        Configuration configuration = stream.readHeader();
        requireKnownCapabilities(configuration, path);
        DeviceStateSource besideRam = DeviceStateSource.NONE;
        if (configuration.hasCapability(Configuration.DEVICE_STATE)) {
            KeptDeviceState.Trailer trailer = KeptDeviceState.readTrailer(file, path);
            source.end(trailer.streamEnd());
            besideRam = KeptDeviceState.read(file, path, trailer);
        }

        BlockList blocks = new BlockList();
        RamSectionReader ramRecords = RamSectionReader.ofImage(in, configuration, maxRamBytes);
        Section ram = readUpToEndOfRam(stream, ramRecords, blocks);
        ImageLayout layout = ImageLayout.of(ramRecords.pageSizeBytes(), blocks.entries);
        List<PageBitmap> present = new ArrayList<>();
        for (RamBlock block : layout.ram().blocks()) {
            present.add(readBitmap(file, path, block, layout.header(block)));
        }
        DeviceStateStore store = stream.hasOtherSections()
                ? new HeapDeviceStateStore(MemoryGrowth.UNLIMITED)
                : DeviceStateInImage.thatIsThere(file, path, in.position());
        DeviceState deviceState = stream.readDeviceState(store, false, Long.MAX_VALUE, MemoryGrowth.UNLIMITED);
        return new ImageContents(configuration, ram, layout, List.copyOf(present), deviceState, besideRam);
    }

    private static void requireKnownCapabilities(Configuration configuration, Object path) throws ImageException {
        if (!CAPABILITIES.containsAll(configuration.capabilities())) {
            throw new ImageException("image must not have other capabilities than mapped-ram and x-ignore-shared:"
                    + " image=" + path + " capabilities=" + configuration.capabilities());
        }
    }

    private static Section readUpToEndOfRam(MainStreamReader stream, RamSectionReader records, BlockList blocks)
            throws IOException {
        try {
            return stream.readUpToEndOfRam(records, _ -> blocks, Integer.MAX_VALUE, MemoryGrowth.UNLIMITED);
        } catch (InterruptedException e) {
            // The handler below waits for nothing.
            throw new IllegalStateException(e);
        }
    }

    private static PageBitmap readBitmap(FileChannel file, Object path, RamBlock block, MappedRamHeader header)
            throws IOException {
        // Held against the file before it is made: a bitmap that is not there must not cost memory.
        long bitmapEnd = header.bitmapOffset() + MappedRamHeader.bitmapBytes(block.pages());
        if (bitmapEnd > file.size()) {
            throw new ImageException("image must not end before a block's bitmap does: image=" + path + " block="
                    + block.name() + " bitmapEnd=0x" + Long.toHexString(bitmapEnd) + " fileSize=0x"
                    + Long.toHexString(file.size()));
        }
        PageBitmap bitmap = new PageBitmap(block.pages());
        ByteBuffer words = ByteBuffer.allocate(BITMAP_BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long position = header.bitmapOffset();
        for (int i = 0; i < bitmap.wordCount(); ) {
            words.clear().limit((int) Math.min(words.capacity(), bitmapEnd - position));
            FileIo.readFully(file, words, position, path);
            position += words.flip().limit();
            while (words.hasRemaining()) {
                long bits = words.getLong();
                if ((bits & ~bitmap.wordMask(i)) != 0) {
                    throw new ImageException("bitmap must have no bits past the block's last page: image=" + path
                            + " block=" + block.name() + " word=" + i + " bits=0x" + Long.toHexString(bits));
                }
                bitmap.word(i++, bits);
            }
        }
        return bitmap;
    }

    /** An image's RAM section has the list of blocks and nothing else: the pages have places of their own. */
    private static final class BlockList implements RamSectionHandler {
        private List<RamBlockEntry> entries = List.of();

        @Override
        public void blocks(List<RamBlockEntry> blocks) {
            entries = blocks;
        }

        @Override
        public void zeroPage(int block, long offset) throws ImageException {
            throw unexpected("ZERO");
        }

        @Override
        public void page(int block, long offset, StreamInput in) throws ImageException {
            throw unexpected("PAGE");
        }

        @Override
        public void multifdFlush() throws ImageException {
            throw unexpected("MULTIFD_FLUSH");
        }

        @Override
        public void endOfSection() {}

        private static ImageException unexpected(String record) {
            return new ImageException("image's RAM section must have no records but its blocks: record=" + record);
        }
    }
}
