package io.pageferry.send;

/**
 * The verdict on a live guest that dirties its RAM as fast as it is sent: the one failure of a migration that is
 * nobody's fault.
 */
public final class DoesNotConvergeException extends SendException {
    private static final long serialVersionUID = 1L;

    public DoesNotConvergeException(String message) {
        super(message);
    }
}
