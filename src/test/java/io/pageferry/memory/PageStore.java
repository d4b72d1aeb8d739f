package io.pageferry.memory;

import java.io.IOException;

/** A place for pages, written first and read afterwards: what the suites of sinks and sources have in common. */
public interface PageStore extends AutoCloseable {
    /** Where pages go to. */
    PageSink sink();

    /** Where they are read, all of them being written and all writers closed. */
    LoadingPageSource finish() throws IOException;

    @Override
    void close() throws IOException;
}
