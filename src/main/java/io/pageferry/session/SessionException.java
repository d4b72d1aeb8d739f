package io.pageferry.session;

import java.io.IOException;

/** A migration was ended from outside. The message is the rule, then the values. */
public final class SessionException extends IOException {
    private static final long serialVersionUID = 1L;

    public SessionException(String message) {
        super(message);
    }

    public SessionException(String message, Throwable cause) {
        super(message, cause);
    }
}
