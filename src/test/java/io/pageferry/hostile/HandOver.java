package io.pageferry.hostile;

import io.pageferry.session.SessionException;

/**
 * What a failure says of who has the guest, behind why it failed: there where the other end may say otherwise, which is
 * a matter of moments.
 */
final class HandOver {
    private static final String NAME = " handed-over=\"";

    private HandOver() {}

    /** Why it failed, and no more. */
    static String cut(String line) {
        int at = line.indexOf(NAME);
        return at < 0 ? line : line.substring(0, at);
    }

    /** Why it failed, where who has the guest is said around it. */
    static Throwable unwrap(Throwable failure) {
        return failure instanceof SessionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Who has the guest; empty where that is not said. */
    static String of(String line) {
        int at = line.indexOf(NAME);
        return at < 0 ? "" : line.substring(at + NAME.length(), line.length() - 1);
    }
}
