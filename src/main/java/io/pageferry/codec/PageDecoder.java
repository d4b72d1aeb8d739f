package io.pageferry.codec;

import io.pageferry.memory.IoVector;
import java.io.IOException;

/**
 * A channel's receiving end: one stream for the whole migration. Belongs to the channel's thread, which calls
 * {@link #receive}, {@link #decode} and {@link #release} for each packet that has data, in this order.
 */
public interface PageDecoder extends AutoCloseable {
    /**
     * Takes a packet's data from the peer, where it can't be left there until the pages have a place.
     *
     * @param lengthBytes the packet's {@code next_packet_size}, validated
     */
    void receive(PageData data, int lengthBytes) throws IOException, InterruptedException;

    /**
     * Fills the pages' places, all of them and from this packet's data alone.
     *
     * @throws CodecException where the data is not what its method makes of so many pages
     */
    void decode(PageData data, IoVector pages, int pageSizeBytes) throws IOException;

    /** Lets go of what the last packet took, if it took anything. */
    void release();

    /** Lets go of everything, also of what a packet that failed had taken. */
    @Override
    void close();
}
