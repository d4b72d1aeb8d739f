package io.pageferry.server;

import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/** Ends what has taken too long, on a thread of its own. Looks often while somebody is awaited, and else once a minute. */
final class Sweeper implements AutoCloseable {
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    /** A deadline is met late by this part of it. */
    private static final int PART = 16;

    private final long timeoutNanos;
    private final LongConsumer expire;
    private final Runnable housekeeping;
    private final Thread thread;

    // The thread's own.
    private long busyUntil = System.nanoTime();
    private long cleaned = busyUntil;

    /** Whether somebody has come since the last look. */
    private volatile boolean awake;

    Sweeper(Duration timeout, LongConsumer expire, Runnable housekeeping) {
        this.timeoutNanos = timeout.toNanos();
        this.expire = expire;
        this.housekeeping = housekeeping;
        this.thread = Loop.start(Place.SWEEPER, "sweeper", this::sweep);
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
        if (now - cleaned >= MINUTE_NANOS) {
            cleaned = now; // before: what fails is tried again when it is due again, and deadlines do not wait for it
            Faults.contain(Place.HOUSEKEEPING, "housekeeping", housekeeping::run);
        }
        LockSupport.parkNanos(
                this,
                now - busyUntil < 0 ? Math.min(MINUTE_NANOS, Math.max(timeoutNanos / PART, 1_000_000)) : MINUTE_NANOS);
        return !Thread.currentThread().isInterrupted();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
