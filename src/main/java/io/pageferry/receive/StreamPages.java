package io.pageferry.receive;

import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamBlock;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Pages on their way from the main stream to where they belong. What comes later of a page is written later. Of the
 * main thread.
 */
interface StreamPages extends AutoCloseable {
    /** On their way to a sink, as suits that. */
    static StreamPages into(PageSink sink) throws IOException {
        return sink.takesSinglePages() ? new SinglePages(sink) : new StagedPages(sink);
    }

    /** Adds a page, which is there when the returned buffer is full, up to its limit. */
    ByteBuffer add(RamBlock of, long offset) throws IOException, InterruptedException;

    /** The same with what it has been so far, to be changed in the buffer. */
    ByteBuffer addAgain(RamBlock of, long offset) throws IOException, InterruptedException;

    /** Adds a page that is zero. */
    void addZero(RamBlock of, long offset) throws IOException, InterruptedException;

    /** Writes all that was added. */
    void write() throws IOException, InterruptedException;

    /** Lets go of everything, also of what was not written. */
    @Override
    void close();
}
