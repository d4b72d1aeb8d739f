package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is kept with a checkpoint of whose it is, and of how its source spoke. For any thread. */
final class LearntFacts {
    private static final Logger LOG = LoggerFactory.getLogger(LearntFacts.class);

    private LearntFacts() {}

    /** They are not needed to move a guest: where they cannot be read, it is as if there were none. */
    static CheckpointFacts of(Checkpoint checkpoint) {
        try {
            return checkpoint.facts();
        } catch (IOException e) {
            LOG.warn("what is known of the image's source is left aside: reason=\"{}\"", e.getMessage());
            return CheckpointFacts.NONE;
        }
    }
}
