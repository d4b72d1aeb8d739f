package io.pageferry.cli;

import io.pageferry.foreign.NativeFunctions;

/** Whether standard streams are a terminal: the JDK only tells of stdin and stdout together. */
final class Terminal {
    private static final int STDIN = 0;
    private static final int STDERR = 2;

    private Terminal() {}

    static boolean isStdin() {
        return is(STDIN);
    }

    static boolean isStderr() {
        return is(STDERR);
    }

    private static boolean is(int descriptor) {
        return (int) NativeFunctions.call(NativeFunctions.ofC("isatty"), descriptor, 0, 0, 0, 0, 0) == 1;
    }
}
