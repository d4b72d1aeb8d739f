package io.pageferry.receive;

import java.io.IOException;

/**
 * A source does things in an order, or with settings, that cannot be taken in. The message is the rule, then the
 * values.
 */
public final class ReceiveException extends IOException {
    private static final long serialVersionUID = 1L;

    public ReceiveException(String message) {
        super(message);
    }

    public ReceiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
