package io.pageferry.server;

import java.io.IOException;

/** A connection or a guest is refused. The message is the rule, then the values. */
public final class ServerException extends IOException {
    private static final long serialVersionUID = 1L;

    public ServerException(String message) {
        super(message);
    }
}
