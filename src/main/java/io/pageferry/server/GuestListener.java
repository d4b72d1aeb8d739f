package io.pageferry.server;

import io.pageferry.net.AcceptLoop;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.Security;
import io.pageferry.receive.Introduction;
import io.pageferry.receive.MultifdProbe;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Accepts connections at one address, on a thread of its own, and has each say who it is, on one of the connection's.
 */
final class GuestListener implements AutoCloseable {
    /** Others are told of at once; this is for who goes unnoticed. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /**
     * How old a main channel without a uuid may be when it is refused for others' sake, and no page has come with it.
     */
    private static final Duration LAST_LOOK = Duration.ofSeconds(3);

    private final Listener listener;
    private final Gathering<Connection> gathering;
    private final MigrationStarter starter;
    private final RefusalLog refusals;
    private final Runnable whenAccepted;
    private final Set<PendingConnection<Connection>> unidentified = ConcurrentHashMap.newKeySet();
    private final Set<PendingConnection<Connection>> lookedAt = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private final AcceptLoop acceptLoop;

    /** Opens it. */
    GuestListener(
            Listener listener,
            Gathering<Connection> gathering,
            MigrationStarter starter,
            RefusalLog refusals,
            Runnable whenAccepted) {
        this.listener = listener;
        this.gathering = gathering;
        this.starter = starter;
        this.refusals = refusals;
        this.whenAccepted = whenAccepted;
        this.acceptLoop = AcceptLoop.start(Place.ACCEPT, "listen " + listener.uri(), listener, "guest", new Acceptor());
    }

    Listener listener() {
        return listener;
    }

    /** How long those who have come may take is the sweeper's. */
    private final class Acceptor implements AcceptLoop.Acceptor {
        @Override
        public void accepted(Connection connection) {
            admit(connection);
        }

        @Override
        public void lost(Throwable failure) {
            starter.act(gathering.missed(address()));
            if (failure instanceof IOException) {
                refusals.say(
                        RefusalLog.Rule.INTRODUCTION,
                        new RefusalLog.Refused("", "", Optional.empty()),
                        "connection lost: " + failure.getMessage());
            }
        }
    }

    private String address() {
        return listener.uri().toString();
    }

    private void admit(Connection connection) {
        // On this thread: a guest's main channel, which it connects first, is known of before its other channels.
        Outcome.Admission<Connection> admission;
        try {
            admission = gathering.accepted(
                    connection, address(), connection.host(), connection.network(), connection.peer());
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
        try {
            starter.act(admission.outcome());
        } finally {
            admission.pending().ifPresent(this::awaitIntroduction);
        }
    }

    private void awaitIntroduction(PendingConnection<Connection> pending) {
        try {
            unidentified.add(pending);
            whenAccepted.run();
            Thread.ofVirtual().name("introduction").start(() -> introduce(pending));
        } catch (Throwable e) {
            forget(pending); // or it would count among those who wait for ever
            throw e;
        }
    }

    private void forget(PendingConnection<Connection> pending) {
        try {
            unidentified.remove(pending);
            pending.connection().close();
        } finally {
            starter.act(gathering.lost(pending, false));
        }
    }

    /** A thread of the connection's own. */
    private void introduce(PendingConnection<Connection> pending) {
        if (!Faults.contain(Place.CONNECTION, "connection from " + pending.peer(), () -> read(pending))) {
            // Wherever the fault was met, it must not keep its place.
            Faults.contain(Place.CONNECTION, "connection from " + pending.peer(), () -> forget(pending));
        }
    }

    private void read(PendingConnection<Connection> pending) {
        Connection connection = pending.connection();
        Introduction introduction;
        try {
            connection.begin();
            pending.begins(beginning(Introduction.firstBytes(connection)));
            introduction = Introduction.of(connection);
        } catch (IOException | RuntimeException e) {
            boolean expired = !unidentified.remove(pending);
            boolean left = !expired && connection.hasPeerLeft();
            connection.close();
            refusals.say(
                    RefusalLog.Rule.INTRODUCTION,
                    RefusalLog.Refused.of(connection),
                    "connection refused: "
                            + (expired && e instanceof ClosedChannelException
                                    ? "peer must say who it is within stall-timeout: peer=" + connection.peer()
                                    : describe(e)));
            starter.act(gathering.lost(pending, left));
            return;
        }
        unidentified.remove(pending);
        if (introduction instanceof Introduction.Main) {
            introduceMain(pending, introduction);
        } else {
            starter.act(gathering.introduced(pending, connection.identity(), introduction));
        }
    }

    private void introduceMain(PendingConnection<Connection> main, Introduction introduction) {
        MultifdProbe probe = new MultifdProbe(main.connection(), main.looking());
        main.lastLook().begin();
        try {
            starter.act(gathering.introduced(main, main.connection().identity(), introduction));
            lookForPages(main, probe);
        } finally {
            main.lastLook().end().ifPresent(refusal -> lookOnceMore(main, probe, refusal));
        }
    }

    /**
     * A main channel may be all that there is of a guest. Whoever else comes from its host meanwhile only delays the
     * answer.
     */
    private void lookForPages(PendingConnection<Connection> main, MultifdProbe probe) {
        try {
            do {
                if (probe.isPlain(gathering.channelsOf(main))) {
                    starter.act(gathering.plain(main, probe.hasSeenPage()));
                }
            } while (!probe.hasSeenSync() && gathering.awaitOthers(main, LOOK_AGAIN));
        } catch (IOException e) {
            // It has gone, which is found out by who waits for the rest of its guest.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // nobody interrupts it
        }
    }

    /** Others of its host have made it impossible to say whose channels are its own: unless it needs none. */
    private void lookOnceMore(
            PendingConnection<Connection> main, MultifdProbe probe, Outcome.Refusal<Connection> refusal) {
        boolean plain = false;
        try {
            lookedAt.add(main);
            // Once in any case: with bytes unread it would be reset, and not hear why.
            plain = probe.bringsPage(
                    closed ? Duration.ZERO : LAST_LOOK.minusNanos(System.nanoTime() - main.introducedNanos()));
        } catch (IOException e) {
            // It has gone.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // nobody interrupts it
        } finally {
            boolean ours = lookedAt.remove(main); // and not turned away meanwhile
            starter.endLastLook(refusal, plain && ours && !closed);
        }
    }

    private static PendingConnection.Beginning beginning(int magic) {
        return switch (magic) {
            case Multifd.MAIN_CHANNEL_MAGIC -> PendingConnection.Beginning.MAIN;
            case Multifd.MAGIC -> PendingConnection.Beginning.CHANNEL;
            default -> PendingConnection.Beginning.NEITHER;
        };
    }

    private static String describe(Exception e) {
        String text = e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
        return text.replaceAll("\\p{Cntrl}", "."); // what a peer says must not make lines
    }

    /** Cuts off those that came before a moment and have not said who they are. */
    void expire(long sinceNanos) {
        for (PendingConnection<Connection> pending : unidentified) {
            if (pending.acceptedNanos() - sinceNanos < 0 && unidentified.remove(pending)) {
                pending.connection().close();
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
        acceptLoop.close();
        closed = true;
        for (PendingConnection<Connection> main : lookedAt) {
            if (lookedAt.remove(main)) {
                starter.turnAway(main);
            }
        }
    }
}
