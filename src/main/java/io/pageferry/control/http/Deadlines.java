package io.pageferry.control.http;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Interrupts threads that are at something for too long, which closes the connection that they are stuck in. One thread
 * watches them all. For any thread.
 */
final class Deadlines implements AutoCloseable {
    private final ScheduledThreadPoolExecutor clock;
    private final long nanos;

    Deadlines(Duration duration) {
        nanos = duration.toNanos();
        clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("http-deadlines").factory());
        clock.setRemoveOnCancelPolicy(true);
    }

    /** What the calling thread is at, until it closes this. */
    final class Task implements AutoCloseable {
        private final Thread thread = Thread.currentThread();
        private final ScheduledFuture<?> end = clock.schedule(this::expire, nanos, TimeUnit.NANOSECONDS);
        private boolean over; // guarded by this

        private synchronized void expire() {
            if (!over) {
                thread.interrupt();
            }
        }

        /** From now on the thread is not interrupted. */
        @Override
        public synchronized void close() {
            over = true;
            end.cancel(false);
        }
    }

    Task begin() {
        return new Task();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
