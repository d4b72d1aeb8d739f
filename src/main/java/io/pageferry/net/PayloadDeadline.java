package io.pageferry.net;

import io.pageferry.config.TimeSpan;

/**
 * Until when a peer that is to bring a guest must bring pages or device state, in all of a migration's connections
 * together: so many {@code stall-timeout}s after the last ones. A part of {@link StallWatch}, whose thread looks at it;
 * the threads of the connections say what happens.
 *
 * <p>Its time stands still while we let the peer wait.
 */
final class PayloadDeadline {
    /** A source that is silent is found out first, and a real one that has no page to send at the moment is silent. */
    static final int TIMEOUTS = 2;

    /** How often it is looked whether the peer is awaited, once pages are overdue. */
    private static final int PART = 16;

    private final long timeoutNanos;

    /** When pages or device state came last, or we were busy, by {@link #unpaused} time; written by whoever knows. */
    private volatile long lastNanos;

    /** Whether all that there is of them has come; written by the thread that knows. */
    private volatile boolean complete;

    /** Differs when some have come. */
    private volatile long mark;

    private final Object pauses = new Object();
    private int paused; // slots, guarded by pauses
    private long pausedSince; // guarded by pauses

    /** How long at least one slot paused, in all pauses that are over. */
    private volatile long pausedNanos;

    PayloadDeadline(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

    /** Nothing more is due. */
    void complete() {
        complete = true;
    }

    boolean isComplete() {
        return complete;
    }

    /** Lets the time count from a moment on: some have come, or the peer could not bring any. */
    void came(long now) {
        lastNanos = now - pausedNanos;
    }

    /** Some have come, that is {@link StallWatch#PAYLOAD_BYTES}. */
    void brought(long now) {
        came(now);
        mark = now;
    }

    /** Differs from what it was before where some have come meanwhile. */
    long mark() {
        return mark;
    }

    /** We are at work on what has come: the time counts from now. The watching thread's. */
    void postpone(long now) {
        lastNanos = unpaused(now);
    }

    /**
     * When to look again. The watching thread's.
     *
     * @param awaited whether somebody waits for the peer at the moment
     * @throws NetException where they are overdue, and awaited
     */
    long untilDue(long now, boolean awaited) throws NetException {
        long waited = unpaused(now) - lastNanos;
        long left = TIMEOUTS * timeoutNanos - waited;
        if (left <= 0 && awaited) {
            throw new NetException("peer must bring pages or device state, whatever else it says, within " + TIMEOUTS
                    + " stall-timeouts: waited=" + TimeSpan.format(waited) + " stall-timeout="
                    + TimeSpan.format(timeoutNanos));
        }
        return Math.max(left, timeoutNanos / PART);
    }

    private long unpaused(long now) {
        synchronized (pauses) {
            return (paused > 0 && pausedSince - now < 0 ? pausedSince : now) - pausedNanos;
        }
    }

    /** We let the peer wait for one connection more. */
    void pauseBegins() {
        synchronized (pauses) {
            if (paused++ == 0) {
                pausedSince = System.nanoTime();
            }
        }
    }

    void pauseEnds() {
        synchronized (pauses) {
            if (--paused == 0) {
                pausedNanos += System.nanoTime() - pausedSince;
            }
        }
    }
}
