package io.pageferry.memory;

import java.io.IOException;

/** One channel's way to the pages of a {@link PageSource}. Belongs to one thread. */
public interface PageReader extends AutoCloseable {
    /**
     * Reads a batch's normal pages into memory that the caller has, in the order of their slots.
     *
     * @param batch its normal pages are present in the source
     * @param into room for exactly these pages; its buffers are full afterwards
     */
    void read(PageBatch batch, IoVector into) throws IOException;

    /** Lets go of everything. */
    @Override
    void close();
}
