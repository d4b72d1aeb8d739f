package io.pageferry.store;

import java.io.IOException;

/** A store cannot do what it was asked for. The message is the rule, then the values. */
public final class StoreException extends IOException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
