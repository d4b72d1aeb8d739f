package io.pageferry.image;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.HeapDeviceStateStore;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.RamBlockEntry;
import io.pageferry.stream.RamSectionHandler;
import io.pageferry.stream.RamSectionReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
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

    /**
     * Reads and checks an image.
     *
     * @param bitmaps which of its pages are there
     */
    static ImageContents read(FileChannel file, Object path, long start, long maxRamBytes, PageBitmaps bitmaps)
            throws IOException {
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
        bitmaps.requireFor(stream.hasRamEnded());
        ImageLayout layout = ImageLayout.of(ramRecords.pageSizeBytes(), blocks.entries);
        List<PageBitmap> present = new ArrayList<>();
        for (RamBlock block : layout.ram().blocks()) {
            present.add(bitmaps.of(block, layout.header(block)));
        }
        DeviceStateStore store = stream.hasOtherSections()
                ? new HeapDeviceStateStore(MemoryGrowth.UNLIMITED)
                : DeviceStateInImage.thatIsThere(file, path, in.position());
        DeviceState deviceState = stream.readDeviceState(store, false, Long.MAX_VALUE, MemoryGrowth.UNLIMITED);
        if (!stream.hasRamEnded()) {
            deviceState.requireAsDescribed(); // or what stood where it was expected was something else
        }
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
            return stream.readUpToEndOfRam(records, blocks, Integer.MAX_VALUE, MemoryGrowth.UNLIMITED);
        } catch (InterruptedException e) {
            // The handler below waits for nothing.
            throw new IllegalStateException(e);
        }
    }

    /** An image's RAM section has the list of blocks and nothing else: the pages have places of their own. */
    private static final class BlockList implements MainStreamReader.Handler, RamSectionHandler {
        private List<RamBlockEntry> entries = List.of();

        @Override
        public RamSectionHandler ramBegins(Section ram) {
            return this;
        }

        @Override
        public boolean mayBeBackgroundSnapshot() {
            return true;
        }

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
