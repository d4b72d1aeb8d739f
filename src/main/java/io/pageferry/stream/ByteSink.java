package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of a stream go to. Used by one thread. */
@FunctionalInterface
public interface ByteSink {
    /** Writes all that remains of a buffer. */
    void write(ByteBuffer bytes) throws IOException;
}
