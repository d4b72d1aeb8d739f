package io.pageferry.net;

import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import io.pageferry.supervision.Threads;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Accepts all connections that come to a listener, one after another, on a virtual thread of its own, until it is
 * closed. For any thread.
 */
public final class AcceptLoop implements AutoCloseable {
    /** Nobody has asked for those who are awaited. */
    private static final Duration FOR_EVER = Duration.ofDays(3650);

    /** After a failure to accept, such as too few descriptors, which others must give back first. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final StallWatch watch = new StallWatch(FOR_EVER);
    private final Listener listener;
    private final String awaited;
    private final Acceptor acceptor;
    private final Thread thread;

    /** Has what comes. Called on the loop's thread. */
    public interface Acceptor {
        /** A connection has come, which has not begun; watched by nobody yet. It is the acceptor's own to close. */
        void accepted(Connection connection);

        /**
         * Somebody may have come who was lost, and nobody knows who.
         *
         * @param failure to accept a connection, or the acceptor's own, which is noted as a fault afterwards where it
         *     is no {@code IOException}
         */
        void lost(Throwable failure);
    }

    private AcceptLoop(Place place, String name, Listener listener, String awaited, Acceptor acceptor) {
        this.listener = listener;
        this.awaited = awaited;
        this.acceptor = acceptor;
        this.thread = Loop.start(place, name, this::acceptOne);
    }

    /**
     * Begins to accept.
     *
     * @param name of the thread
     * @param listener is closed with the loop
     * @param awaited what to call a connection that is to come
     */
    public static AcceptLoop start(Place place, String name, Listener listener, String awaited, Acceptor acceptor) {
        return new AcceptLoop(place, name, listener, awaited, acceptor);
    }

    private boolean acceptOne() throws InterruptedException {
        try {
            acceptor.accepted(listener.accept(watch, awaited));
            return true;
        } catch (ClosedChannelException e) {
            return false;
        } catch (IOException e) {
            acceptor.lost(e);
            LockSupport.parkNanos(this, PAUSE_NANOS);
            return true;
        } catch (RuntimeException | Error e) {
            acceptor.lost(e);
            throw e;
        }
    }

    /** Closes the listener, and waits until what has been accepted is with the acceptor. */
    @Override
    public void close() {
        listener.close();
        Threads.joinUninterruptibly(thread);
    }
}
