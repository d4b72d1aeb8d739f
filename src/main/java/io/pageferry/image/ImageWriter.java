package io.pageferry.image;

import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.BufferPool;
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

/**
 * Writes an image: a page sink whose channels write in parallel, each page to its own place in the file, and the rest
 * of the image around it.
 *
 * <p>Made, {@linkplain #finish finished} and closed by one thread.
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
    private final BufferPool buffers;
    private final PageFile pages;
    private final SpaceReservation reservation;
    private DeviceStateInImage kept; // null until all pages have come

    private ImageWriter(
            PendingFile file,
            long start,
            Configuration configuration,
            Section section,
            ImageLayout layout,
            BufferPool buffers,
            PageFile pages,
            SpaceReservation reservation) {
        this.file = file;
        this.start = start;
        this.configuration = configuration;
        this.besideRam = new DeviceStateKeeper(file, layout, buffers, reservation);
        this.section = section;
        this.layout = layout;
        this.buffers = buffers;
        this.pages = pages;
        this.reservation = reservation;
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
        PageFile pages = PageFile.open(file, layout, directIo, reservation);
        return new ImageWriter(file, start, withoutDeviceState, section, layout, buffers, pages, reservation);
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
        return new ImagePageWriter(pages, buffers);
    }

    @Override
    public void read(RamBlock block, long pageOffset, ByteBuffer into) throws IOException {
        pages.read(block, pageOffset, into);
    }

    @Override
    public void zero(RamBlock block, long pageOffset) throws IOException {
        pages.zero(block, pageOffset);
    }

    /** How much of the guest's RAM has come and is not zero. For any thread; a moment old. */
    public long presentBytes() {
        return pages.presentBytes();
    }

    /**
     * How much room the image takes on disk by now: also where pages have become zero again, and ahead of pages. For
     * any thread.
     */
    public long bytesOnDisk() {
        return pages.bytesOnDisk();
    }

    /** Where device state goes that comes beside RAM. */
    public DeviceStateSink deviceStateSink() {
        return besideRam;
    }

    /** Where device state goes that comes behind the pages, all of which have come. */
    public DeviceStateStore deviceStateStore() throws IOException {
        if (kept == null) {
            pages.allHaveCome(); // before it is seen how much room there is on disk
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
            writeBitmap(pages.present(block), layout.header(block).bitmapOffset());
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
        pages.close();
    }
}
