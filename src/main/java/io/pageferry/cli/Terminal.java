package io.pageferry.cli;

import io.pageferry.foreign.NativeFunctions;

/** Whether stderr is a terminal: the JDK only tells of stdin and stdout together. */
final class Terminal {
    private static final int STDERR = 2;

    private Terminal() {}

    static boolean isStderr() {
        return (int) NativeFunctions.call(NativeFunctions.ofC("isatty"), STDERR, 0, 0, 0, 0, 0) == 1;
    }
}
