package io.pageferry.server;

import io.pageferry.net.Connection;
import java.util.Optional;

/**
 * Whether a main channel without a uuid that cannot be joined to channels is looked at once more before it is refused:
 * it may bring all of its guest itself, and its source may have let go of that by then. For any thread.
 */
final class LastLook {
    private boolean awaited;
    private Outcome.Refusal<Connection> refusal;

    /** The channel's own thread looks at what it brings, and is going to {@link #end} this. */
    synchronized void begin() {
        awaited = true;
    }

    /**
     * It is to be refused.
     *
     * @return whether its thread does that; otherwise the caller has to
     */
    synchronized boolean leaveTo(Outcome.Refusal<Connection> why) {
        if (awaited) {
            refusal = why;
        }
        return awaited;
    }

    /** What it is to be refused for, by its thread, where nothing else is found now. */
    synchronized Optional<Outcome.Refusal<Connection>> end() {
        awaited = false;
        return Optional.ofNullable(refusal);
    }
}
