package io.pageferry.net.tls;

import io.pageferry.net.TransportException;

/** A TLS session cannot be begun, or cannot go on. */
final class TlsException extends TransportException {
    private static final long serialVersionUID = 1L;

    TlsException(String rule, String values) {
        this(rule, values, null);
    }

    TlsException(String rule, String values, Throwable cause) {
        super(rule, values, cause);
    }
}
