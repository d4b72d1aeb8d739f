package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.stream.Dialect;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is kept with a checkpoint of how its source spoke. For any thread. */
final class LearntDialect {
    private static final Logger LOG = LoggerFactory.getLogger(LearntDialect.class);

    private LearntDialect() {}

    /** It is not needed to send a guest: where it cannot be read, it is as if there were none. */
    static Dialect of(Checkpoint checkpoint) {
        try {
            return checkpoint.facts().dialect();
        } catch (IOException e) {
            LOG.warn("what is known of the image's source is left aside: reason=\"{}\"", e.getMessage());
            return Dialect.UNKNOWN;
        }
    }
}
