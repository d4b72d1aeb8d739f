package io.pageferry.image;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.MappedRamHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Which pages of an image are there: what its bitmaps say, or, where these are not written, what the pages are. */
abstract sealed class PageBitmaps {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int BITMAP_BUFFER_BYTES = 64 * 1024;

    final FileChannel file;
    final Object image;

    private PageBitmaps(FileChannel file, Object image) {
        this.file = file;
        this.image = image;
    }

    /** Those that the image has. */
    static PageBitmaps asWritten(FileChannel file, Object image) {
        return new AsWritten(file, image);
    }

    /** Those that it should have had, where it has been written by {@code background-snapshot}. */
    static PageBitmaps ofPagesThatAreNotZero(FileChannel file, Object image) {
        return new OfPages(file, image);
    }

    /**
     * Makes sure that they can be had of this image.
     *
     * @param ramHasEnded whether its stream has an end of RAM, which one of background-snapshot has not
     */
    abstract void requireFor(boolean ramHasEnded) throws ImageException;

    /** A block's. */
    abstract PageBitmap of(RamBlock block, MappedRamHeader header) throws IOException;

    final PageBitmap read(RamBlock block, MappedRamHeader header) throws IOException {
        // Held against the file before it is made: a bitmap that is not there must not cost memory.
        long bitmapEnd = header.bitmapOffset() + MappedRamHeader.bitmapBytes(block.pages());
        if (bitmapEnd > file.size()) {
            throw new ImageException("image must not end before a block's bitmap does: image=" + image + " block="
                    + block.name() + " bitmapEnd=0x" + Long.toHexString(bitmapEnd) + " fileSize=0x"
                    + Long.toHexString(file.size()));
        }
        PageBitmap bitmap = new PageBitmap(block.pages());
        ByteBuffer words = ByteBuffer.allocate(BITMAP_BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long position = header.bitmapOffset();
        for (int i = 0; i < bitmap.wordCount(); ) {
            words.clear().limit((int) Math.min(words.capacity(), bitmapEnd - position));
            FileIo.readFully(file, words, position, image);
            position += words.flip().limit();
            while (words.hasRemaining()) {
                long bits = words.getLong();
                if ((bits & ~bitmap.wordMask(i)) != 0) {
                    throw new ImageException("bitmap must have no bits past the block's last page: image=" + image
                            + " block=" + block.name() + " word=" + i + " bits=0x" + Long.toHexString(bits));
                }
                bitmap.word(i++, bits);
            }
        }
        return bitmap;
    }

    private static final class AsWritten extends PageBitmaps {
        AsWritten(FileChannel file, Object image) {
            super(file, image);
        }

        @Override
        void requireFor(boolean ramHasEnded) throws ImageException {
            if (!ramHasEnded) {
                throw new ImageException("image must have an end of RAM; one that QEMU writes with background-snapshot"
                        + " has none, and its bitmaps say that no page is there: convert --salvage-pages goes by the"
                        + " pages instead: image=" + image);
            }
        }

        @Override
        PageBitmap of(RamBlock block, MappedRamHeader header) throws IOException {
            return read(block, header);
        }
    }

    private static final class OfPages extends PageBitmaps {
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

        OfPages(FileChannel file, Object image) {
            super(file, image);
        }

        @Override
        void requireFor(boolean ramHasEnded) throws ImageException {
            if (ramHasEnded) {
                throw new ImageException("image to be salvaged must be one that QEMU has written with"
                        + " background-snapshot: image=" + image);
            }
        }

        @Override
        PageBitmap of(RamBlock block, MappedRamHeader header) throws IOException {
            if (read(block, header).nextSet(0) < block.pages()) {
                throw new ImageException("image to be salvaged must have bitmaps that say nothing: image=" + image
                        + " block=" + block.name());
            }
            PageBitmap bitmap = new PageBitmap(block.pages());
            int pageSize = block.pageSizeBytes();
            // A file that ends before its pages do has the same zeros there as between them.
            long end = Math.min(block.lengthBytes(), file.size() - header.pagesOffset());
            for (long offset = 0; offset < end; offset += BUFFER_BYTES) {
                buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - offset));
                FileIo.readFully(file, buffer, header.pagesOffset() + offset, image);
                mark(bitmap, offset / pageSize, pageSize);
            }
            return bitmap;
        }

        private void mark(PageBitmap bitmap, long firstPage, int pageSize) {
            for (int at = 0; at < buffer.limit(); at += pageSize) {
                ByteBuffer page = buffer.slice(at, Math.min(pageSize, buffer.limit() - at));
                if (!isZero(page)) {
                    bitmap.set(firstPage + at / pageSize);
                }
            }
        }

        private static boolean isZero(ByteBuffer page) {
            long all = 0;
            while (page.remaining() >= Long.BYTES && all == 0) {
                all = page.getLong();
            }
            while (page.hasRemaining() && all == 0) {
                all = page.get();
            }
            return all == 0;
        }
    }
}
