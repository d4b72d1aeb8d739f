package io.pageferry.server;

import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.Security;
import io.pageferry.net.StallWatch;
import io.pageferry.receive.Introduction;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Accepts connections at one address, on a thread of its own, and has each say who it is, on one of the connection's.
 */
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
    private final Set<Caller<Connection>> strangers = ConcurrentHashMap.newKeySet();
    private final StallWatch watch = new StallWatch(FOR_EVER);
    private final Thread thread;

    /** Opens it. */
    Doorway(
            Listener listener,
            Gathering<Connection> gathering,
            Reception reception,
            RefusalLog refusals,
            Runnable whenAccepted) {
        this.listener = listener;
        this.gathering = gathering;
        this.reception = reception;
        this.refusals = refusals;
        this.whenAccepted = whenAccepted;
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
            reception.act(gathering.missed(door()));
            refusals.say(RefusalLog.Rule.INTRODUCTION, "", "connection lost: " + e.getMessage());
            LockSupport.parkNanos(this, PAUSE_NANOS);
            return true;
        } catch (RuntimeException | Error e) {
            reception.act(gathering.missed(door()));
            throw e;
        }
    }

    private String door() {
        return listener.uri().toString();
    }

    private void admit(Connection connection) {
        // On this thread: a guest's main channel, which it connects first, is known of before its other channels.
        Outcome.Admission<Connection> admission;
        try {
            admission =
                    gathering.accepted(connection, door(), connection.host(), connection.network(), connection.peer());
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
        try {
            reception.act(admission.outcome());
        } finally {
            admission.caller().ifPresent(this::meet);
        }
    }

    private void meet(Caller<Connection> caller) {
        try {
            strangers.add(caller);
            whenAccepted.run();
            Thread.ofVirtual().name("introduction").start(() -> introduce(caller));
        } catch (Throwable e) {
            forget(caller); // or it would count among those who wait for ever
            throw e;
        }
    }

    private void forget(Caller<Connection> caller) {
        try {
            strangers.remove(caller);
            caller.connection().close();
        } finally {
            reception.act(gathering.lost(caller, false));
        }
    }

    /** A thread of the connection's own. */
    private void introduce(Caller<Connection> caller) {
        if (!Faults.contain(Place.CONNECTION, "connection from " + caller.peer(), () -> read(caller))) {
            // Wherever the fault was met, it must not keep its place.
            Faults.contain(Place.CONNECTION, "connection from " + caller.peer(), () -> forget(caller));
        }
    }

    private void read(Caller<Connection> caller) {
        Connection connection = caller.connection();
        Introduction introduction;
        try {
            connection.begin();
            caller.begins(beginning(Introduction.firstBytes(connection)));
            introduction = Introduction.of(connection);
        } catch (IOException | RuntimeException e) {
            boolean expired = !strangers.remove(caller);
            boolean left = !expired && connection.hasPeerLeft();
            connection.close();
            refusals.say(
                    RefusalLog.Rule.INTRODUCTION,
                    connection.network(),
                    "connection refused: "
                            + (expired && e instanceof ClosedChannelException
                                    ? "peer must say who it is within stall-timeout: peer=" + connection.peer()
                                    : describe(e)));
            reception.act(gathering.lost(caller, left));
            return;
        }
        strangers.remove(caller);
        reception.act(gathering.introduced(caller, connection.identity(), introduction));
    }

    private static Caller.Beginning beginning(int magic) {
        return switch (magic) {
            case Multifd.MAIN_CHANNEL_MAGIC -> Caller.Beginning.MAIN;
            case Multifd.MAGIC -> Caller.Beginning.CHANNEL;
            default -> Caller.Beginning.NEITHER;
        };
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

    /** Says how connections are protected that come from now on. */
    void secureBy(Security security) {
        listener.secureBy(security);
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
