package io.pageferry.codec;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import java.io.IOException;

/** A channel's sending end: one stream for the whole migration. Belongs to the channel's thread. */
public interface PageEncoder extends AutoCloseable {
    /**
     * Adds to a packet what its normal pages are on the wire, so that the other end can have all of them before the
     * next packet. It stays there until {@link #release}.
     *
     * @param batch has at least one normal page
     * @param packet the packet so far; grows by the packet's {@code next_packet_size}
     */
    void encode(PageBatch batch, LoadedPages pages, IoVector packet) throws IOException, InterruptedException;

    /** Lets go of what the last packet took, if it took anything. */
    void release();

    /** Lets go of everything. */
    @Override
    void close();
}
