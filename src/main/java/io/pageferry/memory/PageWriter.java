package io.pageferry.memory;

import java.io.IOException;

/**
 * One channel's way into a {@link PageSink}. Belongs to one thread, which calls {@link #prepare}, fills what it was
 * given, and then {@link #commit}, batch by batch; where what was committed counts, {@link #flush}.
 */
public interface PageWriter extends AutoCloseable {
    /** Adds to a vector the memory that the batch's normal pages shall be read into, in the order of their slots. */
    void prepare(PageBatch batch, IoVector into) throws IOException, InterruptedException;

    /** Takes the normal pages as they now are in that memory, and makes the batch's zero pages zero. */
    void commit(PageBatch batch) throws IOException, InterruptedException;

    /**
     * Waits until all pages are where they belong that were committed: they may be on their way there. Whoever lets
     * others write the same pages, or read them, or says that they are kept, does so after this.
     */
    void flush() throws IOException, InterruptedException;

    /**
     * Takes pages that lie elsewhere, without a {@link #prepare} before it: the copy that stays within this process.
     */
    void write(PageBatch batch, LoadedPages pages) throws IOException, InterruptedException;

    /** Lets go of everything, also of what a batch that was not committed had taken, or that was not flushed. */
    @Override
    void close();
}
