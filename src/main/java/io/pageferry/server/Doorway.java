package io.pageferry.server;

import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.receive.Introduction;
import io.pageferry.stream.StreamException;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Accepts connections at one address, on a thread of its own, and has each say who it is, on one of the connection's. */
final class Doorway implements AutoCloseable {
    /** Nobody has asked for those who are awaited here; who has come is the sweeper's. */
    private static final Duration FOR_EVER = Duration.ofDays(3650);

    /** After a failure to accept, such as too few descriptors, which others must give back first. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Listener listener;
    private final Gathering<Connection> gathering;
    private final Reception reception;
    private final RefusalLog refusals;
    private final Runnable whenAccepted;
    private final int maxConnections;
    private final Set<Caller<Connection>> strangers = ConcurrentHashMap.newKeySet();
    private final StallWatch watch = new StallWatch(FOR_EVER);
    private final Thread thread;

    /**
     * Opens it.
     *
     * @param maxConnections how many may be in the gathering; half of that from one host
     */
    Doorway(
            Listener listener,
            Gathering<Connection> gathering,
            Reception reception,
            RefusalLog refusals,
            Runnable whenAccepted,
            int maxConnections) {
        this.listener = listener;
        this.gathering = gathering;
        this.reception = reception;
        this.refusals = refusals;
        this.whenAccepted = whenAccepted;
        this.maxConnections = maxConnections;
        this.thread = Loop.start(Place.ACCEPT, "listen " + listener.uri(), this::acceptOne);
    }

    Listener listener() {
        return listener;
    }

    private boolean acceptOne() throws InterruptedException {
        try {
            admit(listener.accept(watch, "guest"));
            return true;
        } catch (ClosedChannelException e) {
            return false;
        } catch (IOException e) {
            refusals.say("", "connection lost: " + e.getMessage());
            LockSupport.parkNanos(this, PAUSE_NANOS);
            return true;
        }
    }

    private void admit(Connection connection) {
        // On this thread: a guest's main channel, which it connects first, is known of before its other channels.
        if (gathering.waiting() >= maxConnections || gathering.waiting(connection.host()) >= hostsShare()) {
            connection.close();
            refusals.say(
                    connection.host(),
                    "connection refused: as many as max-connections must be waiting for others of their guests, half of them of one host: peer="
                            + connection.peer() + " waiting=" + gathering.waiting() + " max-connections="
                            + maxConnections);
            return;
        }
        Caller<Connection> caller =
                gathering.accepted(connection, listener.uri().toString(), connection.host(), connection.peer());
        try {
            strangers.add(caller);
            whenAccepted.run();
            Thread.ofVirtual().name("introduction").start(() -> introduce(caller));
        } catch (Throwable e) {
            forget(caller); // or it would count among those who wait for ever
            throw e;
        }
    }

    /** One host must not keep out all others. */
    private int hostsShare() {
        return Math.max(1, maxConnections / 2);
    }

    private void forget(Caller<Connection> caller) {
        strangers.remove(caller);
        caller.connection().close();
        reception.act(gathering.lost(caller, false));
    }

    /** A thread of the connection's own. */
    private void introduce(Caller<Connection> caller) {
        if (!Faults.contain(Place.CONNECTION, "connection from " + caller.peer(), () -> read(caller))) {
            caller.connection().close();
        }
    }

    private void read(Caller<Connection> caller) {
        Connection connection = caller.connection();
        Introduction introduction;
        try {
            connection.begin();
            introduction = Introduction.of(connection);
        } catch (IOException | RuntimeException e) {
            boolean expired = !strangers.remove(caller) && e instanceof ClosedChannelException;
            connection.close();
            refusals.say(
                    connection.host(),
                    "connection refused: "
                            + (expired
                                    ? "peer must say who it is within stall-timeout: peer=" + connection.peer()
                                    : describe(e)));
            reception.act(gathering.lost(caller, e instanceof StreamException));
            return;
        } catch (Error e) {
            forget(caller);
            throw e;
        }
        strangers.remove(caller);
        reception.act(gathering.introduced(caller, connection.identity(), introduction));
    }

    private static String describe(Exception e) {
        String text = e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
        return text.replaceAll("\\p{Cntrl}", "."); // what a peer says must not make lines
    }

    /** Cuts off those that came before a moment and have not said who they are. */
    void expire(long sinceNanos) {
        for (Caller<Connection> caller : strangers) {
            if (caller.acceptedNanos() - sinceNanos < 0 && strangers.remove(caller)) {
                caller.connection().close();
            }
        }
    }

    void reloadTls() throws NetException {
        listener.reloadTls();
    }

    /** Lets nobody in any more. */
    @Override
    public void close() {
        listener.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
