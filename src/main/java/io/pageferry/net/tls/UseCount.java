package io.pageferry.net.tls;

import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who is inside of something that is to be released exactly once, when it has been closed and nobody is inside any
 * more: the last one out does it. For any thread; nobody waits.
 */
final class UseCount {
    private static final int CLOSED = Integer.MIN_VALUE;

    private final Runnable release;

    /** How many are inside, and whether it is closed ({@link #CLOSED}). */
    private final AtomicInteger state = new AtomicInteger();

    UseCount(Runnable release) {
        this.release = release;
    }

    /**
     * Goes in, and must come out again.
     *
     * @throws ClosedChannelException where it is closed
     */
    void enter() throws ClosedChannelException {
        int before;
        do {
            before = state.get();
            if (before < 0) {
                throw new ClosedChannelException();
            }
        } while (!state.compareAndSet(before, before + 1));
    }

    void exit() {
        if (state.decrementAndGet() == CLOSED) {
            release.run();
        }
    }

    /** Lets nobody in any more. Nothing is done the second time. */
    void close() {
        if (state.getAndUpdate(before -> before | CLOSED) == 0) {
            release.run();
        }
    }
}
