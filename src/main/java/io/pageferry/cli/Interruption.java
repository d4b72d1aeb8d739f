package io.pageferry.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM: the command's thread is interrupted and has some seconds to clean up and say how it ended. Then
 * the JVM ends with the signal's own exit code, 130 or 143; or with the command's, where that came to its end in spite
 * of the signal.
 */
final class Interruption {
    private static final long CLEAN_UP_SECONDS = 10;

    private final Thread command = Thread.currentThread();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile int exitCode;

    private Interruption() {}

    /** Called by the thread that is going to run the command. */
    static Interruption install() {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(new Thread(interruption::interrupt, "interruption"));
        return interruption;
    }

    /** The command has ended by itself, or has cleaned up. */
    void commandEnded(int code) {
        exitCode = code;
        ended.countDown();
    }

    private void interrupt() {
        if (ended.getCount() == 0) {
            return;
        }
        command.interrupt();
        try {
            if (ended.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS) && exitCode != ExitCode.INTERRUPTED) {
                // An image that is there, or a failure that has been told: the exit code must not say otherwise.
                Runtime.getRuntime().halt(exitCode);
            }
        } catch (InterruptedException e) {
            // The JVM is ending anyway.
        }
    }
}
