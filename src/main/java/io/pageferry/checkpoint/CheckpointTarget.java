package io.pageferry.checkpoint;

import io.pageferry.memory.BufferPool;
import java.io.IOException;

/** A name that a checkpoint is to have, where such are kept: a file's path, a key in a store. */
@FunctionalInterface
public interface CheckpointTarget {
    /**
     * Makes sure that there can be a checkpoint, before anybody sends one.
     *
     * @param buffers where page data waits to be written, its maker's to close after the writer; each buffer holds a
     *     packet's
     */
    CheckpointWriter create(BufferPool buffers) throws IOException;
}
