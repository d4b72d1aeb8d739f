package io.pageferry.memory;

import java.io.IOException;

/**
 * A source that has memory for pages on their way: they are gathered from there, where a {@link PageSource} needs
 * memory of its reader's.
 */
public interface LoadingPageSource extends PageSource {
    /** Whether pages lie in memory already, so that loading them costs nothing. */
    default boolean isInMemory() {
        return false;
    }

    @Override
    PageLoader openReader() throws IOException;
}
