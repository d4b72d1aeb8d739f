package io.pageferry.memory;

import java.io.IOException;

/** One channel's way to the pages of a {@link PageSource}. Belongs to one thread. */
public interface PageReader extends AutoCloseable {
    /**
     * Brings a batch's normal pages into reach. What is loaded stays where it is until {@link #release}.
     *
     * @param batch its normal pages are present in the source
     * @param into is told where each page lies
     */
    void load(PageBatch batch, LoadedPages into) throws IOException, InterruptedException;

    /**
     * Reads a batch's normal pages into memory that the caller has, in the order of their slots.
     *
     * @param into room for exactly these pages; its buffers are full afterwards
     */
    void read(PageBatch batch, IoVector into) throws IOException;

    /** Lets go of what the last batch took, if it took anything. */
    void release();

    /** Lets go of everything. */
    @Override
    void close();
}
