package io.pageferry.send;

import java.io.IOException;

/** A guest cannot be sent, or its destination did not take it. The message is the rule, then the values. */
public class SendException extends IOException {
    private static final long serialVersionUID = 1L;

    public SendException(String message) {
        super(message);
    }

    public SendException(String message, Throwable cause) {
        super(message, cause);
    }
}
