package io.pageferry.stream;

import java.io.IOException;
import java.util.List;

/** Is told what the RAM section's records say, in their order. What it is told is in range. */
public interface RamSectionHandler {
    /** The list of blocks, once, before anything else. */
    void blocks(List<RamBlockEntry> blocks) throws IOException, InterruptedException;

    /**
     * A page that is zero.
     *
     * @param block index in the list of blocks
     * @param offset in the block, a page's and within it
     */
    void zeroPage(int block, long offset) throws IOException, InterruptedException;

    /** A page whose bytes follow in the stream; the handler reads exactly a page. */
    void page(int block, long offset, StreamInput in) throws IOException, InterruptedException;

    /** Whether pages may come as XBZRLE or zlib has them: only where they come without multifd channels. */
    default boolean takesEncodedPages() {
        return false;
    }

    /**
     * A page as it differs from the one that was there before, by XBZRLE. The handler reads exactly so many bytes.
     *
     * @param lengthBytes 0 to a page
     */
    default void xbzrlePage(int block, long offset, int lengthBytes, StreamInput in)
            throws IOException, InterruptedException {
        throw new IllegalStateException("not taken");
    }

    /**
     * A page as a zlib stream of its own. The handler reads exactly so many bytes.
     *
     * @param lengthBytes 1 to what a page can grow to
     */
    default void compressedPage(int block, long offset, int lengthBytes, StreamInput in)
            throws IOException, InterruptedException {
        throw new IllegalStateException("not taken");
    }

    /** All channels' SYNC packets are to be waited for. */
    void multifdFlush() throws IOException, InterruptedException;

    /** A section's records are at their end. */
    void endOfSection() throws IOException, InterruptedException;
}
