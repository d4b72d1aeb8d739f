package io.pageferry.image;

import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.Section;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Writes an image: a page sink whose channels write in parallel, each page to its own place in the file, and the rest
 * of the image around it.
 *
 * <p>Made, {@linkplain #finish finished} and closed by one thread. Page data is read from the network into a pooled
 * buffer and written from there: a mapped file would cost a page fault for each page, which is ten times slower.
 */
public final class ImageWriter implements PageSink, AutoCloseable {
    /** The type and id of RAM's last section, its only record, its footer. */
    private static final int END_OF_RAM_BYTES = 1 + Integer.BYTES + Long.BYTES + 1 + Integer.BYTES;

    private static final int BITMAP_BUFFER_BYTES = 64 * 1024;

    private final PendingFile file;
    private final long start;
    private final Configuration configuration;
    private final Section section;
    private final DeviceStateKeeper besideRam;
    private ImageLayout layout;
    private final List<PageBitmap> present;
    private final BufferPool buffers;
    private final FileChannel pages;
    /** Null through the page cache, where the kernel itself looks for room for many pages at once. */
    private final PageSpace space;
    /** Null past the page cache, where a page that is written is on its way to the disk. */
    private final Writeback writeback;

    private final SpaceReservation reservation;
    private DeviceStateInImage kept; // null until all pages have come

    private ImageWriter(
            PendingFile file,
            long start,
            Configuration configuration,
            Section section,
            ImageLayout layout,
            BufferPool buffers,
            FileChannel pages,
            PageSpace space,
            Writeback writeback,
            SpaceReservation reservation) {
        this.file = file;
        this.start = start;
        this.configuration = configuration;
        this.besideRam = new DeviceStateKeeper(file, layout, buffers, reservation);
        this.section = section;
        this.layout = layout;
        this.buffers = buffers;
        this.pages = pages;
        this.space = space;
        this.writeback = writeback;
        this.reservation = reservation;
        this.present = layout.ram().blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
    }

    /**
     * Starts an image in a file: writes everything up to the list of blocks.
     *
     * @param start where in the file the image begins
     * @param configuration the source's; the capability mapped-ram is added
     * @param section how the source began its RAM section
     * @param buffers where page data waits to be written; each buffer holds a packet's
     * @param directIo whether pages are written past the page cache
     * @param reservation has {@link #mostBytes} reserved; device state is reserved there before it is written
     */
    static ImageWriter begin(
            PendingFile file,
            long start,
            Configuration configuration,
            Section section,
            RamLayout ram,
            BufferPool buffers,
            boolean directIo,
            SpaceReservation reservation)
            throws IOException {
        Configuration withoutDeviceState = configuration.withDeviceState(false);
        ImageLayout layout = ImageHead.write(file.channel(), file.target(), start, withoutDeviceState, section, ram);
        if (!directIo) {
            Writeback writeback = file.openWriteback();
            return new ImageWriter(
                    file,
                    start,
                    withoutDeviceState,
                    section,
                    layout,
                    buffers,
                    file.channel(),
                    null,
                    writeback,
                    reservation);
        }
        FileChannel pages = file.openDirect();
        try {
            PageSpace space = file.openSpace(layout);
            return new ImageWriter(
                    file, start, withoutDeviceState, section, layout, buffers, pages, space, null, reservation);
        } catch (Throwable e) {
            pages.close();
            throw e;
        }
    }

    /**
     * The most room that an image of such a guest takes on disk, but for device state. What a file leaves out between
     * its parts takes none.
     */
    public static long mostBytes(RamLayout ram) {
        return ram.totalBytes() + ImageHead.mostBytes(ram);
    }

    @Override
    public RamLayout layout() {
        return layout.ram();
    }

    @Override
    public PageWriter openWriter() {
        return new Writer();
    }

    @Override
    public void read(RamBlock block, long pageOffset, ByteBuffer into) throws IOException {
        if (present.get(block.index()).isSet(pageOffset / block.pageSizeBytes())) {
            FileIo.readFully(file.channel(), into, layout.position(block, pageOffset), file.target());
        } else {
            into.put(new byte[block.pageSizeBytes()]);
        }
    }

    @Override
    public void zero(RamBlock block, long pageOffset) throws IOException {
        long use = reservation.begin(0); // a guest that has begun to be idle goes on to use its room
        try {
            clear(block, pageOffset);
        } finally {
            reservation.end(use, 0);
        }
    }

    private void clear(RamBlock block, long pageOffset) {
        present.get(block.index()).clear(pageOffset / block.pageSizeBytes());
    }

    /** How much of the guest's RAM has come and is not zero. For any thread; a moment old. */
    public long presentBytes() {
        return layout.ram().blocks().stream()
                .mapToLong(block -> present.get(block.index()).count() * block.pageSizeBytes())
                .sum();
    }

    /**
     * How much room the image takes on disk by now: also where pages have become zero again, and ahead of pages. For
     * any thread.
     */
    public long bytesOnDisk() {
        long bytes = space != null ? space.bytesOnDisk() : writeback.bytesOnDisk();
        return bytes >= 0 ? bytes : presentBytes();
    }

    /** Where device state goes that comes beside RAM. */
    public DeviceStateSink deviceStateSink() {
        return besideRam;
    }

    /** Where device state goes that comes behind the pages, all of which have come. */
    public DeviceStateStore deviceStateStore() throws IOException {
        if (kept == null) {
            if (space != null) {
                space.giveBackHoles(present); // before it is seen how much room there is on disk
            }
            reservation.allPagesHaveCome();
            kept = DeviceStateInImage.toBeWritten(
                    file.channel(), file.target(), layout.endPosition() + END_OF_RAM_BYTES, reservation, besideRam);
        }
        return kept;
    }

    /** Writes what comes after the pages. All channels are done by now. */
    public void finish(DeviceState deviceState) throws IOException {
        if (!deviceState.isIn(deviceStateStore())) {
            deviceState.write(kept);
        }
        long bytes = END_OF_RAM_BYTES + KeptDeviceState.TRAILER_BYTES;
        long use = reservation.begin(bytes);
        try {
            writeTheRest();
        } finally {
            reservation.end(use, bytes);
        }
    }

    private void writeTheRest() throws IOException {
        if (!besideRam.isEmpty()) {
            // Now it is known that there is some, and what says so stands at the beginning. Only the first bitmap
            // moves.
            layout = ImageHead.write(
                    file.channel(), file.target(), start, configuration.withDeviceState(true), section, layout.ram());
        }
        for (RamBlock block : layout.ram().blocks()) {
            writeBitmap(present.get(block.index()), layout.header(block).bitmapOffset());
        }
        FileSink sink = new FileSink(file.channel(), file.target(), layout.endPosition());
        StreamOutput out = new StreamOutput(sink);
        section.writeNext(out, SectionType.SECTION_END);
        out.u64(RamFlags.EOS);
        section.writeFooter(out);
        out.flush();
        if (!besideRam.isEmpty()) {
            besideRam.finish(sink.position() + kept.lengthBytes());
        }
    }

    private void writeBitmap(PageBitmap bitmap, long position) throws IOException {
        ByteBuffer words = ByteBuffer.allocate(BITMAP_BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        FileSink sink = new FileSink(file.channel(), file.target(), position);
        for (int i = 0; i < bitmap.wordCount(); i++) {
            words.putLong(bitmap.word(i));
            if (!words.hasRemaining() || i == bitmap.wordCount() - 1) {
                sink.write(words.flip());
                words.clear();
            }
        }
    }

    /** Lets go of what was opened here; the file is its maker's. */
    @Override
    public void close() throws IOException {
        if (writeback != null) {
            writeback.close();
            return;
        }
        try (space) {
            pages.close();
        }
    }

    private final class Writer implements PageWriter {
        private MemoryRegion buffer;

        @Override
        public void prepare(PageBatch batch, IoVector into) throws InterruptedException {
            if (batch.normalPages() > 0) {
                buffer = buffers.borrow();
                into.add(buffer, 0, batch.normalPages() * batch.block().pageSizeBytes());
            }
        }

        @Override
        public void commit(PageBatch batch) throws IOException {
            long use = reservation.begin(0); // for zero pages, too
            try {
                commitPages(batch);
            } finally {
                reservation.end(use, 0);
            }
            release();
            clearZeroPages(batch);
        }

        private void commitPages(PageBatch batch) throws IOException {
            int pageSize = batch.block().pageSizeBytes();
            for (int slot = 0; slot < batch.normalPages(); ) {
                int run = batch.runLength(slot, batch.normalPages());
                writeRun(batch.block(), batch.offset(slot), buffer, (long) slot * pageSize, run * pageSize);
                slot += run;
            }
        }

        @Override
        public void write(PageBatch batch, LoadedPages loaded) throws IOException {
            long use = reservation.begin(0);
            try {
                writePages(batch, loaded);
            } finally {
                reservation.end(use, 0);
            }
            clearZeroPages(batch);
        }

        private void writePages(PageBatch batch, LoadedPages loaded) throws IOException {
            int pageSize = batch.block().pageSizeBytes();
            for (int slot = 0; slot < batch.normalPages(); ) {
                long position = loaded.position(slot);
                int run = 1;
                int longest = batch.runLength(slot, batch.normalPages());
                // A run must lie together in the file, in memory, and in one window of the memory.
                while (run < longest
                        && loaded.position(slot + run) == position + (long) run * pageSize
                        && MemoryRegion.inWindow(loaded.position(slot + run)) != 0) {
                    run++;
                }
                writeRun(batch.block(), batch.offset(slot), loaded.region(), position, run * pageSize);
                slot += run;
            }
        }

        private final IoVector run = new IoVector(1);

        private void writeRun(RamBlock block, long offset, MemoryRegion from, long position, int length)
                throws IOException {
            run.clear();
            run.add(from, position, length);
            long target = layout.position(block, offset);
            if (space != null) {
                space.beforeWrite(block, target, length);
            }
            FileIo.writeFully(pages, run.buffers()[0], target, file.target());
            if (writeback != null) {
                writeback.written(length);
            }
            long page = offset / block.pageSizeBytes();
            present.get(block.index()).setRange(page, page + length / block.pageSizeBytes());
        }

        private void clearZeroPages(PageBatch batch) {
            for (int slot = batch.normalPages(); slot < batch.pages(); slot++) {
                clear(batch.block(), batch.offset(slot));
            }
        }

        private void release() {
            if (buffer != null) {
                buffers.giveBack(buffer);
                buffer = null;
            }
        }

        @Override
        public void close() {
            release();
        }
    }
}
