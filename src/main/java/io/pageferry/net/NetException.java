package io.pageferry.net;

import java.io.IOException;

/** A connection failed, or a peer on it. The message is the rule, then the values. */
public final class NetException extends IOException {
    private static final long serialVersionUID = 1L;

    public NetException(String message) {
        super(message);
    }

    public NetException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What a failure says, or at least what kind it is. */
    public static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
