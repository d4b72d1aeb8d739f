package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of a stream come from. Used by one thread. */
@FunctionalInterface
public interface ByteSource {
    /**
     * Reads what is there, at least one byte.
     *
     * @param what the stream is in the middle of, for messages
     * @return how many bytes, or -1 at the end
     */
    int read(ByteBuffer into, String what) throws IOException;

    /** Goes to a position, where the source is a file. */
    default void seek(long position) throws IOException {
        throw new UnsupportedOperationException("only a file can be read at another position");
    }
}
