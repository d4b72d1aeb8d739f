package io.pageferry.cli;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;

/** Whether stderr is a terminal: the JDK only tells of stdin and stdout together. */
final class Terminal {
    private static final int STDERR = 2;

    private Terminal() {}

    @SuppressWarnings("restricted")
    static boolean isStderr() {
        Linker linker = Linker.nativeLinker();
        try {
            var isatty = linker.downcallHandle(
                    linker.defaultLookup().find("isatty").orElseThrow(), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
            return (int) isatty.invokeExact(STDERR) == 1;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
