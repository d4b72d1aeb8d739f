package io.pageferry.qemu;

/** A QEMU refused a command, or does not answer. */
public final class QmpException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    QmpException(String message) {
        super(message);
    }

    QmpException(String message, Throwable cause) {
        super(message, cause);
    }
}
