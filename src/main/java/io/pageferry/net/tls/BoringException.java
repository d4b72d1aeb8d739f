package io.pageferry.net.tls;

import java.io.IOException;

/** What BoringSSL says is wrong. {@link TlsFaults} knows what that means to a user. */
final class BoringException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Beyond this, what is wrong is an alert of the peer's. */
    private static final int FIRST_ALERT = 1000;

    private static final int REASON_MASK = 0xfff;
    private static final int LIBRARY_SHIFT = 24;
    private static final int LIBRARY_MASK = 0xff;

    /** The part of BoringSSL that is TLS. */
    private static final int TLS = 16;

    private final int number;

    /**
     * @param number BoringSSL's, in which library and reason are packed; 0: it has said nothing
     * @param text the same in words, the reason behind the last colon
     */
    BoringException(int number, String text) {
        super(text);
        this.number = number;
    }

    /** Such as {@code NO_SHARED_CIPHER}. */
    String reason() {
        return getMessage().substring(getMessage().lastIndexOf(':') + 1);
    }

    /** Whether the peer has sent an alert. */
    boolean isAlert() {
        return (number >>> LIBRARY_SHIFT & LIBRARY_MASK) == TLS && (number & REASON_MASK) >= FIRST_ALERT;
    }

    /** TLS's number of the alert. */
    short alert() {
        return (short) ((number & REASON_MASK) - FIRST_ALERT);
    }
}
