package io.pageferry.server;

import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Ends what has taken too long, on a thread of its own: looks often while somebody is awaited, and else once a minute.
 * On another one it removes old images, once a minute: that may take as long as a file system takes to remove large
 * files.
 */
final class Sweeper implements AutoCloseable {
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    /** A deadline is met late by this part of it. */
    private static final int PART = 16;

    private final long timeoutNanos;
    private final LongConsumer expire;
    private final Thread thread;
    private final Thread housekeeper;

    // The thread's own.
    private long busyUntil = System.nanoTime();

    /** Whether somebody has come since the last look. */
    private volatile boolean awake;

    Sweeper(Duration timeout, LongConsumer expire, Runnable housekeeping) {
        this(timeout, expire, housekeeping, Duration.ofNanos(MINUTE_NANOS));
    }

    Sweeper(Duration timeout, LongConsumer expire, Runnable housekeeping, Duration housekeepingPause) {
        this.timeoutNanos = timeout.toNanos();
        this.expire = expire;
        this.thread = Loop.start(Place.SWEEPER, "sweeper", this::sweep);
        this.housekeeper = Loop.start(Place.HOUSEKEEPING, "housekeeper", () -> {
            LockSupport.parkNanos(this, housekeepingPause.toNanos());
            // Contained: what fails is tried again when it is due again, however often that is.
            Faults.contain(Place.HOUSEKEEPING, "housekeeping", housekeeping::run);
            return !Thread.currentThread().isInterrupted();
        });
    }

    /** Somebody has come. */
    void wake() {
        if (!awake) {
            awake = true;
            LockSupport.unpark(thread);
        }
    }

    private boolean sweep() {
        long now = System.nanoTime();
        if (awake) {
            awake = false;
            busyUntil = now + 2 * timeoutNanos;
        }
        expire.accept(now - timeoutNanos);
        LockSupport.parkNanos(
                this,
                now - busyUntil < 0 ? Math.min(MINUTE_NANOS, Math.max(timeoutNanos / PART, 1_000_000)) : MINUTE_NANOS);
        return !Thread.currentThread().isInterrupted();
    }

    @Override
    public void close() {
        thread.interrupt();
        housekeeper.interrupt();
    }
}
