package io.pageferry.memory;

import java.io.IOException;

/**
 * Where the pages of a guest go to: its memory, or an image. Shared by all channels of a migration; a page's last
 * content wins. All pages are zero before the first one came.
 */
public interface PageSink {
    RamLayout layout();

    /** A writer for one channel. */
    PageWriter openWriter() throws IOException;

    /** Makes pages of a block zero, as when the main channel says so. For any thread; the offset is in the block. */
    void zero(RamBlock block, long pageOffset) throws IOException;
}
