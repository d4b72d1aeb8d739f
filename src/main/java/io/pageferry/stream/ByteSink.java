package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of a stream go to. Used by one thread. */
@FunctionalInterface
public interface ByteSink {
    /** Writes all that remains of a buffer. */
    void write(ByteBuffer bytes) throws IOException;

    /**
     * Writes all that remains of the first {@code count} buffers of an array, in order.
     *
     * @param totalBytes what that is
     */
    default void write(ByteBuffer[] buffers, int count, long totalBytes) throws IOException {
        for (int i = 0; i < count; i++) {
            write(buffers[i]);
        }
    }
}
