package io.pageferry.store.reservation;

import java.io.IOException;

/** There is no room for a guest, or not for more of its source's. The message is the rule, then the values. */
public final class ReservationException extends IOException {
    private static final long serialVersionUID = 1L;

    ReservationException(String message) {
        super(message);
    }

    ReservationException(String message, Throwable cause) {
        super(message, cause);
    }
}
