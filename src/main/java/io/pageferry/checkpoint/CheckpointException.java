package io.pageferry.checkpoint;

import java.io.IOException;

/** What is said of a checkpoint is not so. The message is the rule, then the values. */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(message);
    }
}
