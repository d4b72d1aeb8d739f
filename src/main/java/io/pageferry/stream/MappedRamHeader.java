package io.pageferry.stream;

import java.io.IOException;

/**
 * What an image has after each block of the list: QEMU's {@code MappedRamHeader}, version 1.
 *
 * @param pageSizeBytes the guest's page size
 * @param bitmapOffset where in the stream the block's bitmap is
 * @param pagesOffset where in the stream the block's first page is; a page at offset o of the block is o further
 */
public record MappedRamHeader(long pageSizeBytes, long bitmapOffset, long pagesOffset) {
    public static final int VERSION = 1;
    public static final int LENGTH = Integer.BYTES + 3 * Long.BYTES;

    /** What QEMU aligns the pages to, so that O_DIRECT and huge pages have it easy. */
    public static final long PAGES_ALIGNMENT = 1L << 20;

    static MappedRamHeader read(StreamInput in) throws IOException {
        int version = in.u32("mapped-ram header's version");
        if (version != VERSION) {
            throw new StreamException("mapped-ram header's version must be " + VERSION + ": version="
                    + Integer.toUnsignedString(version) + " position=" + in.position());
        }
        return new MappedRamHeader(
                in.u64("mapped-ram page size"), in.u64("mapped-ram bitmap offset"), in.u64("mapped-ram pages offset"));
    }

    public void write(StreamOutput out) throws IOException {
        out.u32(VERSION).u64(pageSizeBytes).u64(bitmapOffset).u64(pagesOffset);
    }

    /** Bytes of the bitmap of a block: whole words of 64 bits. */
    public static long bitmapBytes(long pages) {
        return (pages + 63) / 64 * Long.BYTES;
    }
}
