package io.pageferry.wire;

import java.io.IOException;

/** A peer sent a packet that is not allowed. The message is the rule, then the values. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    public WireException(String message) {
        super(message);
    }
}
