package io.pageferry.send.postcopy;

import io.pageferry.net.StallWatch;
import io.pageferry.stream.StreamException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * How much of what is pushed may be on its way, so that what the guest waits for has little in front of it: behind each
 * piece of it stands a PING, and who pushes waits until all but the last few of them are answered. Sockets hold many
 * times as much, here and there, and nobody can say how much the other end's holds.
 *
 * <p>How many are on their way is as few as keep the destination at work, as TCP Vegas has it: where answers take
 * hardly longer than the fastest did, nothing waits in front of them, and there may be some more; where a piece or more
 * does, one less.
 *
 * <p>A preempt channel needs none: what the guest waits for is not behind what is pushed. With one it even does harm.
 * The destination's answers and its requests are small messages on one connection, of which TCP sends one at a time
 * (Nagle's algorithm) until the other end sends something on that connection, too, or its delayed ACK; and that end
 * would answer a request elsewhere, and wait for the PONG: 30 MB/s were measured.
 *
 * <p>Pushed on the main thread; answers come on the return path's.
 */
final class PushWindow {
    /** The numbers of these PINGs begin where no other one's is. */
    static final int FIRST_PING = 0x1000_0000;

    /** One that is being worked at, and one that comes meanwhile. */
    static final int LEAST_PIECES = 2;

    /** 32 MiB of {@link PagePush}'s pieces: 3 GB/s at 10 ms. */
    static final int MOST_PIECES = 256;

    /** Of a large window, so that a long link is filled in some tens of round trips. */
    private static final int PART_MORE = 8;

    private final boolean limited;
    private final StallWatch watch;
    private final LongSupplier nanoClock;
    private final long[] sentNanos = new long[MOST_PIECES]; // the main thread's, seen by the other with what it sent

    private volatile Thread pushing;
    private volatile int sent; // the main thread's
    private volatile int answered; // the return path's thread's, as all below
    private volatile int pieces = LEAST_PIECES;
    private long leastNanos = Long.MAX_VALUE;
    private int untilChange;

    /**
     * Makes one.
     *
     * @param limited false where any number may be on its way, and no PING is sent
     */
    PushWindow(boolean limited, StallWatch watch, LongSupplier nanoClock) {
        this.limited = limited;
        this.watch = watch;
        this.nanoClock = nanoClock;
    }

    boolean isLimited() {
        return limited;
    }

    /** Who pushes: waits until more may be on its way. */
    void awaitRoom() throws InterruptedException {
        if (hasRoom()) {
            return;
        }
        pushing = Thread.currentThread();
        watch.demand(true);
        while (!hasRoom()) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        watch.demand(false);
    }

    boolean hasRoom() {
        return sent - answered < pieces;
    }

    /** Who pushes: says that the next PING is about to be sent; returns its number. */
    int nextPing() {
        int number = sent;
        sentNanos[number % MOST_PIECES] = nanoClock.getAsLong();
        sent = number + 1;
        return FIRST_PING + number;
    }

    /** Whether a PONG is for who pushes. */
    static boolean isOfPush(int number) {
        return number >= FIRST_PING;
    }

    /** The destination has come by a PING, and so by all that was in front of it. */
    void answered(int number) throws StreamException {
        int next = answered;
        if (next == sent || number != FIRST_PING + next) {
            throw new StreamException("PONG must answer a PING, each in its turn: number=" + number + " expected="
                    + (next == sent ? "none" : FIRST_PING + next));
        }
        adapt(Math.max(1, nanoClock.getAsLong() - sentNanos[next % MOST_PIECES]));
        answered = next + 1;
        LockSupport.unpark(pushing);
    }

    /** Looks once at each piece that is sent after the last change: only those show what it has brought about. */
    private void adapt(long nanos) {
        leastNanos = Math.min(leastNanos, nanos);
        if (untilChange-- > 0) {
            return;
        }
        double waiting = (double) pieces * (nanos - leastNanos) / nanos;
        if (waiting < 0.5) {
            pieces = Math.min(pieces + 1 + pieces / PART_MORE, MOST_PIECES);
        } else if (waiting >= 1) {
            pieces = Math.max(pieces - 1, LEAST_PIECES);
        }
        untilChange = pieces;
    }
}
