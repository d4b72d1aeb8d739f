package io.pageferry.memory;

import java.io.IOException;

/** There is too little memory for what somebody wants. The message is the rule, then the values. */
public final class MemoryException extends IOException {
    private static final long serialVersionUID = 1L;

    public MemoryException(String message) {
        super(message);
    }
}
