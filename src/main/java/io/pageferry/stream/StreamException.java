package io.pageferry.stream;

import java.io.IOException;

/** A main stream or image says something that is not allowed. The message is the rule, then the values. */
public final class StreamException extends IOException {
    private static final long serialVersionUID = 1L;

    public StreamException(String message) {
        super(message);
    }
}
