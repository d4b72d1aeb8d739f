package io.pageferry.checkpoint;

import java.io.IOException;
import java.util.Optional;

/** A place that has one checkpoint at the most: what the suite needs of an implementation. */
public interface CheckpointPlace extends AutoCloseable {
    /** Starts another one. */
    CheckpointWriter create() throws IOException;

    /** The one that is there. */
    Optional<Checkpoint> open() throws IOException;

    /** How much else is there: what is not done yet, or should have gone. */
    int leftovers() throws IOException;

    @Override
    void close() throws IOException;
}
