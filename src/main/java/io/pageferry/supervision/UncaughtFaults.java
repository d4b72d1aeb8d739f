package io.pageferry.supervision;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process that could only go on half alive. What it leaves is what a crash leaves: images that are complete, and
 * partial ones that the next start removes; sources keep guests of which they were not told that they are safe. For any
 * thread.
 */
public final class UncaughtFaults {
    /** {@code EX_SOFTWARE}: with {@code Restart=on-failure} systemd starts the service anew. */
    public static final int EXIT_CODE = 70;

    private static final Logger LOG = LoggerFactory.getLogger(UncaughtFaults.class);

    private UncaughtFaults() {}

    /**
     * From now on each thread that ends by a fault is the process's end: those of libraries and of the JDK as well,
     * whose work nobody would do any more. Threads whose group or maker has a handler of its own are left to that.
     */
    public static void install() {
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> end(nameOf(thread), fault));
    }

    private static String nameOf(Thread thread) {
        try {
            return "thread " + thread.getName();
        } catch (Throwable e) {
            return "thread";
        }
    }

    /** Says why, and halts; without waiting for anybody, since who is to be waited for may never come. */
    static void end(String what, Throwable fault) {
        try {
            LOG.error("process ends, as it could not go on whole: {} exit-code={}", what, EXIT_CODE, fault);
        } catch (Throwable e) {
            // Too little memory for a line of the log.
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}
