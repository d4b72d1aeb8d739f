package io.pageferry.codec;

import java.io.IOException;

/** Is told of native memory that a stream of a peer demands, before it is taken. */
@FunctionalInterface
public interface WindowClaim {
    /** For streams of our own. */
    WindowClaim UNLIMITED = bytes -> {};

    /**
     * So many bytes are about to be taken.
     *
     * @throws IOException where that is too much; then they must not be
     */
    void claim(long bytes) throws IOException;
}
