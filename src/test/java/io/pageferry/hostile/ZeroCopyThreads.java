package io.pageferry.hostile;

import java.util.Arrays;

/** Threads of channels that wait for a peer to take what is sent without a copy. */
final class ZeroCopyThreads {
    private static final String WRITER = "io.pageferry.net.ZeroCopyWriter";
    private static final String WAIT = "poll";

    private ZeroCopyThreads() {}

    /** How many of this process wait in the kernel right now: platform threads, which the first channels have. */
    static long waiting() {
        return Thread.getAllStackTraces().values().stream()
                .filter(stack -> stack.length > 0 && stack[0].getMethodName().equals(WAIT))
                .filter(stack -> Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().equals(WRITER)))
                .count();
    }
}
