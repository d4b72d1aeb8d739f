package io.pageferry.send;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Keeps a migration under {@code max-bandwidth}, in windows of 100 ms as QEMU does: once a window's bytes are sent, the rest of it is waited out.
 * Belongs to the main thread.
 */
final class RateLimiter {
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final long bytesPerWindow;
    private final LongSupplier transferredBytes;
    private long windowStart = System.nanoTime();
    private long windowStartBytes;

    /**
     * Makes a limiter.
     *
     * @param bytesPerSecond 0 for no limit
     * @param transferredBytes all bytes of the migration so far
     */
    RateLimiter(long bytesPerSecond, LongSupplier transferredBytes) {
        this.bytesPerWindow = bytesPerSecond == 0 ? Long.MAX_VALUE : Math.max(1, bytesPerSecond / 10);
        this.transferredBytes = transferredBytes;
    }

    /** Waits until more may be sent. */
    void pace() throws InterruptedException {
        if (bytesPerWindow == Long.MAX_VALUE) {
            return;
        }
        long now = System.nanoTime();
        long sent = transferredBytes.getAsLong() - windowStartBytes;
        // A window that was overdrawn, by a batch that was larger than it, is paid for by the next ones.
        long windows = sent / bytesPerWindow;
        long end = windowStart + windows * WINDOW_NANOS;
        while (end - now > 0) {
            LockSupport.parkNanos(this, end - now);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            now = System.nanoTime();
        }
        if (now - windowStart >= WINDOW_NANOS) {
            windowStart = now;
            windowStartBytes = transferredBytes.getAsLong();
        }
    }
}
