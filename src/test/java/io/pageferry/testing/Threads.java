package io.pageferry.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.FailedException;
import java.util.concurrent.StructuredTaskScope.Joiner;

/** Threads of tests: run side by side, waited for, never left behind. */
public final class Threads {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Threads() {}

    /**
     * Runs tasks, each on a virtual thread of its own, to the end of them all or the first failure, which is thrown.
     */
    public static void runTogether(List<? extends Callable<?>> tasks) throws Exception {
        try (var scope = StructuredTaskScope.open(Joiner.awaitAllSuccessfulOrThrow())) {
            tasks.forEach(scope::fork);
            scope.join();
        } catch (FailedException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    /** Waits until a platform thread waits for a socket, in the kernel; or a virtual one, parked. */
    public static void awaitWaitingForSocket(Thread thread) {
        if (thread.isVirtual()) {
            awaitParked(thread);
            return;
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            StackTraceElement[] stack = thread.getStackTrace();
            return stack.length > 0 && stack[0].getMethodName().equals("poll");
        });
    }

    /** Waits until a thread waits. */
    public static void awaitParked(Thread thread) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> switch (thread.getState()) {
            case WAITING, TIMED_WAITING -> true;
            case TERMINATED -> throw new IllegalStateException("thread has ended: " + thread);
            default -> false;
        });
    }
}
