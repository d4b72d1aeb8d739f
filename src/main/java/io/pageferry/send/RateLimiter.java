package io.pageferry.send;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Keeps a migration under {@code max-bandwidth}, in windows of 100 ms as QEMU does: once a window's bytes are sent, the
 * rest of it is waited out. Belongs to the main thread.
 */
public final class RateLimiter {
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final BandwidthLimit limit;
    private final LongSupplier transferredBytes;
    private long bytesPerSecond;
    private long bytesPerWindow;
    private long windowStart = System.nanoTime();
    private long windowStartBytes;

    /**
     * Makes a limiter.
     *
     * @param transferredBytes all bytes of the migration so far
     */
    RateLimiter(BandwidthLimit limit, LongSupplier transferredBytes) {
        this.limit = limit;
        this.transferredBytes = transferredBytes;
        take(limit.bytesPerSecond());
    }

    private void take(long newBytesPerSecond) {
        bytesPerSecond = newBytesPerSecond;
        bytesPerWindow = Math.max(1, newBytesPerSecond / 10);
    }

    /** Waits until more may be sent. */
    public void pace() throws InterruptedException {
        while (isLimited()) {
            long sent = sentInWindow();
            if (sent < bytesPerWindow) {
                return;
            }
            // A window at a time: the limit may change meanwhile.
            waitUntil(windowStart + WINDOW_NANOS);
        }
    }

    /** Whether there is a limit. Takes up one that has been changed: what was sent before was another one's. */
    boolean isLimited() {
        long now = limit.bytesPerSecond();
        if (now != bytesPerSecond) {
            take(now);
            windowStart = System.nanoTime();
            windowStartBytes = transferredBytes.getAsLong();
        }
        return bytesPerSecond != 0;
    }

    private long sentInWindow() {
        long transferred = transferredBytes.getAsLong();
        long windows = (System.nanoTime() - windowStart) / WINDOW_NANOS;
        if (windows > 0) {
            windowStart += windows * WINDOW_NANOS;
            // Windows that have passed pay for all that was sent, also while they were waited out. What they had left
            // is gone: nothing is saved up for a burst.
            long paid = windows > Long.MAX_VALUE / bytesPerWindow ? Long.MAX_VALUE : windows * bytesPerWindow;
            windowStartBytes += Math.min(paid, transferred - windowStartBytes);
        }
        return transferred - windowStartBytes;
    }

    private void waitUntil(long nanoTime) throws InterruptedException {
        for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
