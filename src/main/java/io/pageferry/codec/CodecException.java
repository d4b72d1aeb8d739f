package io.pageferry.codec;

import java.io.IOException;

/** Page data is not what its method makes. The message is the rule, then the values. */
public final class CodecException extends IOException {
    private static final long serialVersionUID = 1L;

    public CodecException(String message) {
        super(message);
    }

    public CodecException(String message, Throwable cause) {
        super(message, cause);
    }
}
