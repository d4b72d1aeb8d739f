package io.pageferry.memory;

import java.io.IOException;

/** Where the pages of a guest come from: its memory, or an image. Shared by all channels of a migration. */
public interface PageSource {
    RamLayout layout();

    /**
     * Which pages of a block have bytes to be read. All others are zero, and need not be looked at.
     *
     * <p>A guest that runs may write to any page after that. What it had written before a call, as a page whose dirty
     * mark was collected by then, is present from that call on.
     *
     * @return the block's bitmap, not to be changed; the same one at each call
     */
    PageBitmap present(RamBlock block);

    /** A reader for one channel. */
    PageReader openReader() throws IOException;
}
