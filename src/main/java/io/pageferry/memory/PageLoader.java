package io.pageferry.memory;

import java.io.IOException;

/** One channel's way to the pages of a {@link LoadingPageSource}. Belongs to one thread. */
public interface PageLoader extends PageReader {
    /**
     * Brings a batch's normal pages into reach. What is loaded stays where it is until {@link #release}.
     *
     * @param batch its normal pages are present in the source
     * @param into is told where each page lies
     */
    void load(PageBatch batch, LoadedPages into) throws IOException, InterruptedException;

    /** Lets go of what the last batch took, if it took anything. */
    void release();
}
