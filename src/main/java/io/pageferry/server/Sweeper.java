package io.pageferry.server;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends what has taken too long, on a thread of its own. Looks often while somebody is awaited, and else once a minute. */
final class Sweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    /** A deadline is met late by this part of it. */
    private static final int PART = 16;

    private final long timeoutNanos;
    private final LongConsumer expire;
    private final Runnable housekeeping;
    private final Thread thread;

    /** Whether somebody has come since the last look. */
    private volatile boolean awake;

    Sweeper(Duration timeout, LongConsumer expire, Runnable housekeeping) {
        this.timeoutNanos = timeout.toNanos();
        this.expire = expire;
        this.housekeeping = housekeeping;
        this.thread = Thread.ofVirtual().name("sweeper").start(this::run);
    }

    /** Somebody has come. */
    void wake() {
        if (!awake) {
            awake = true;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        long busyUntil = System.nanoTime();
        long cleaned = busyUntil;
        while (!Thread.currentThread().isInterrupted()) {
            long now = System.nanoTime();
            if (awake) {
                awake = false;
                busyUntil = now + 2 * timeoutNanos;
            }
            boolean clean = now - cleaned >= MINUTE_NANOS;
            sweep(now, clean);
            cleaned = clean ? now : cleaned;
            LockSupport.parkNanos(
                    this,
                    now - busyUntil < 0
                            ? Math.min(MINUTE_NANOS, Math.max(timeoutNanos / PART, 1_000_000))
                            : MINUTE_NANOS);
        }
    }

    /** A fault of ours must not end the deadlines of all. */
    private void sweep(long now, boolean clean) {
        try {
            expire.accept(now - timeoutNanos);
            if (clean) {
                housekeeping.run();
            }
        } catch (RuntimeException e) {
            LOG.error("sweep must go on", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
