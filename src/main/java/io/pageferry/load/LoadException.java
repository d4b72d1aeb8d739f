package io.pageferry.load;

import java.io.IOException;

/** A load test that cannot go on; the message is the rule, then the values. */
public final class LoadException extends IOException {
    private static final long serialVersionUID = 1L;

    public LoadException(String message) {
        super(message);
    }

    public LoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
