package io.pageferry.stream;

import java.io.IOException;

/**
 * Is told of memory that what comes in a stream is about to take on the heap: who has to share the heap with others may
 * refuse.
 */
@FunctionalInterface
public interface MemoryGrowth {
    /** For who reads but what is its own. */
    MemoryGrowth UNLIMITED = bytes -> {};

    /**
     * So many bytes more are about to be taken.
     *
     * @throws IOException where that is too much; then they must not be
     */
    void by(long bytes) throws IOException;
}
