package io.pageferry.memory;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where the pages of a guest go to: its memory, or an image. Shared by all channels of a migration; a page's last
 * content wins. All pages are zero before the first one came.
 */
public interface PageSink {
    RamLayout layout();

    /**
     * Whether pages are best read to where they belong, each by itself: where a write is no system call, and what is
     * committed is there, without a {@link PageWriter#flush}.
     */
    default boolean takesSinglePages() {
        return false;
    }

    /** A writer for one channel. */
    PageWriter openWriter() throws IOException;

    /**
     * Reads a page as it is by now, for who changes it. Whoever wrote it last has committed that.
     *
     * @param into takes just the page
     */
    void read(RamBlock block, long pageOffset, ByteBuffer into) throws IOException;

    /** Makes pages of a block zero, as when the main channel says so. For any thread; the offset is in the block. */
    void zero(RamBlock block, long pageOffset) throws IOException;
}
