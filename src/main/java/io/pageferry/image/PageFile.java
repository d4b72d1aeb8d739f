package io.pageferry.image;

import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * The pages of an image that is being written: puts each to its own place in the file, and knows which have come. For
 * all channels' threads; opened and closed by one.
 */
final class PageFile implements AutoCloseable {
    private final PendingFile file;
    private final ImageLayout layout;
    private final SpaceReservation reservation;
    private final List<PageBitmap> present;
    private final FileChannel channel;
    /** Null through the page cache, where the kernel itself looks for room for many pages at once. */
    private final PageSpace space;
    /** Null past the page cache, where a page that is written is on its way to the disk. */
    private final Writeback writeback;

    private PageFile(
            PendingFile file,
            ImageLayout layout,
            SpaceReservation reservation,
            FileChannel channel,
            PageSpace space,
            Writeback writeback) {
        this.file = file;
        this.layout = layout;
        this.reservation = reservation;
        this.channel = channel;
        this.space = space;
        this.writeback = writeback;
        this.present = layout.ram().blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
    }

    /**
     * Opens the pages of an image whose head is written.
     *
     * @param directIo whether they are written past the page cache
     */
    static PageFile open(PendingFile file, ImageLayout layout, boolean directIo, SpaceReservation reservation)
            throws IOException {
        if (!directIo) {
            return new PageFile(file, layout, reservation, file.channel(), null, file.openWriteback());
        }
        FileChannel direct = file.openDirect();
        try {
            return new PageFile(file, layout, reservation, direct, file.openSpace(layout), null);
        } catch (Throwable e) {
            direct.close();
            throw e;
        }
    }

    int pageSizeBytes() {
        return layout.ram().pageSizeBytes();
    }

    /** Which pages of a block have come and are not zero. */
    PageBitmap present(RamBlock block) {
        return present.get(block.index());
    }

    /** Notes that pages of a block are no longer zero; they are written by and by. */
    void haveCome(RamBlock block, long offset, int lengthBytes) {
        long page = offset / block.pageSizeBytes();
        present(block).setRange(page, page + lengthBytes / block.pageSizeBytes());
    }

    /** Writes pages that follow each other in a block. Space that they need must be in {@linkplain #begin use}. */
    void write(RamBlock block, long offset, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        long position = layout.position(block, offset);
        if (space != null) {
            space.beforeWrite(block, position, length);
        }
        FileIo.writeFully(channel, bytes, position, file.target());
        if (writeback != null) {
            writeback.written(length);
        }
    }

    /** Something of the guest's RAM is about to be written: the space that is reserved for it is in use. */
    long begin() throws IOException {
        return reservation.begin(0);
    }

    /** It has been written, or failed to be. */
    void end(long use) {
        reservation.end(use, 0);
    }

    void read(RamBlock block, long pageOffset, ByteBuffer into) throws IOException {
        if (present(block).isSet(pageOffset / block.pageSizeBytes())) {
            FileIo.readFully(file.channel(), into, layout.position(block, pageOffset), file.target());
        } else {
            into.put(new byte[block.pageSizeBytes()]);
        }
    }

    void zero(RamBlock block, long pageOffset) throws IOException {
        end(begin()); // a guest that has begun to be idle goes on to use its room
        present(block).clear(pageOffset / block.pageSizeBytes());
    }

    /** How much of the guest's RAM has come and is not zero. */
    long presentBytes() {
        return layout.ram().blocks().stream()
                .mapToLong(block -> present(block).count() * block.pageSizeBytes())
                .sum();
    }

    /** How much room the image takes on disk by now: also where pages have become zero again, and ahead of pages. */
    long bytesOnDisk() {
        long bytes = space != null ? space.bytesOnDisk() : writeback.bytesOnDisk();
        return bytes >= 0 ? bytes : presentBytes();
    }

    /** All pages are written: gives back what was taken on disk for more. */
    void allHaveCome() {
        if (space != null) {
            space.giveBackHoles(present);
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
            channel.close();
        }
    }
}
