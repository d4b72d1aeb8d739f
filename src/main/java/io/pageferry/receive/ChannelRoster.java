package io.pageferry.receive;

import io.pageferry.config.GuestUuid;
import io.pageferry.net.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Who is there of a migration: the main channel and N multifd channels, in any order, none of them twice. Where any
 * number of channels up to N is welcome, a main channel and a first one of them suffice to go on. For any thread.
 */
final class ChannelRoster implements MultifdProbe.Channels {
    private final int channels;
    private final boolean fewer;

    private final CountDownLatch allThere = new CountDownLatch(1);
    private final Runnable whenBegun;
    private final Runnable whenComplete;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean completed = new AtomicBoolean();

    private final Connection[] connections; // guarded by this
    private Connection main; // guarded by this
    private Connection first; // guarded by this: whoever came first
    private Optional<UUID> guestUuid; // guarded by this: empty as long as nobody has said it
    private int there; // guarded by this
    private boolean plain; // guarded by this: there are no channels
    private boolean closed; // guarded by this: nobody is waited for any more
    private final Set<Connection> strangers = new HashSet<>(); // guarded by this: have not said who they are

    /**
     * Makes an empty roster.
     *
     * @param expectedUuid the guest's uuid; empty where the first channel shall say it
     * @param whenBegun run when the first connection is there, whoever it is
     * @param whenComplete run by the last one to join, before anybody goes on
     */
    ChannelRoster(int channels, Optional<UUID> expectedUuid, Runnable whenBegun, Runnable whenComplete) {
        this(channels, false, expectedUuid, whenBegun, whenComplete);
    }

    /**
     * Makes an empty roster.
     *
     * @param fewer whether there may be fewer channels than that
     */
    ChannelRoster(int channels, boolean fewer, Optional<UUID> expectedUuid, Runnable whenBegun, Runnable whenComplete) {
        this.channels = channels;
        this.fewer = fewer;
        this.connections = new Connection[channels];
        this.guestUuid = expectedUuid;
        this.whenBegun = whenBegun;
        this.whenComplete = whenComplete;
    }

    int channels() {
        return channels;
    }

    /** Whether there may be fewer than that. */
    boolean mayBeFewer() {
        return fewer;
    }

    /** Somebody has connected. */
    void beginning() {
        if (begun.compareAndSet(false, true)) {
            whenBegun.run();
        }
    }

    /** The uuid that all channels must have: the one that was set, or else the one of the first that comes. */
    synchronized UUID expectedUuid(UUID arriving) {
        if (guestUuid.isEmpty()) {
            guestUuid = Optional.of(arriving);
        }
        return guestUuid.get();
    }

    /** The guest's uuid, where it has one and the first channel has said so. */
    synchronized Optional<UUID> guest() {
        return guestUuid.flatMap(GuestUuid::of);
    }

    /**
     * A connection has come that has yet to say who it is.
     *
     * @return false where nobody is waited for any more
     */
    synchronized boolean enter(Connection connection) {
        return !closed && strangers.add(connection);
    }

    /**
     * Nobody is waited for any more, since all are there: who has not said who it is by now is none of the migration's.
     */
    void close() {
        List<Connection> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(strangers);
            strangers.clear();
        }
        left.forEach(Connection::close);
    }

    /** Whether nobody is waited for any more, all being there. */
    synchronized boolean isClosed() {
        return closed;
    }

    /** Whether all have come without which nothing goes on. */
    boolean isComplete() {
        return completed.get();
    }

    /** Adds a connection; one that is there already is refused. */
    void join(Arrival arrival) throws ReceiveException {
        boolean complete;
        synchronized (this) {
            if (closed) {
                throw new ReceiveException("channel must come before its source has synced twice: "
                        + arrival.connection().name() + " peer="
                        + arrival.connection().peer());
            }
            if (plain) {
                throw new ReceiveException("channel must come before pages come through the main channel: "
                        + arrival.connection().name() + " peer="
                        + arrival.connection().peer());
            }
            requireNew(arrival);
            switch (arrival) {
                case Arrival.Main(Connection connection) -> main = connection;
                case Arrival.Multifd(Connection connection, int id, UUID _) -> connections[id] = connection;
            }
            strangers.remove(arrival.connection());
            there++;
            complete = fewer ? main != null && there > 1 : there == channels + 1;
            notifyAll();
        }
        if (complete && completed.compareAndSet(false, true)) {
            whenComplete.run();
            allThere.countDown();
        }
    }

    /** Refuses a connection beyond those that there should be. */
    void refuse(Arrival arrival) throws ReceiveException {
        requireNew(arrival);
        throw new ReceiveException("migration must have " + (channels + 1)
                + " connections, set multifd-channels alike on both ends: oneMore=\""
                + arrival.connection().name() + "\"");
    }

    private synchronized void requireNew(Arrival arrival) throws ReceiveException {
        requireSameSource(arrival.connection());
        switch (arrival) {
            case Arrival.Main(Connection connection) -> {
                if (main != null) {
                    throw new ReceiveException("migration must have one main channel: first=" + main.peer() + " second="
                            + connection.peer());
                }
            }
            case Arrival.Multifd(Connection connection, int id, UUID _) -> {
                if (connections[id] != null) {
                    throw new ReceiveException("channel id must be new: channel=" + id + " first="
                            + connections[id].peer() + " second=" + connection.peer());
                }
            }
        }
    }

    /**
     * All come from one host, and under TLS each connection proves who it is: pages of somebody else's would end up in
     * the guest.
     */
    private void requireSameSource(Connection connection) throws ReceiveException {
        if (first == null) {
            first = connection;
        } else if (!connection.isFromHostOf(first)) {
            throw new ReceiveException("connections of a migration must come from one host: first=" + first.peer()
                    + " second=" + connection.peer());
        } else if (!first.identity().equals(connection.identity())) {
            throw new ReceiveException("connections of a migration must be of one identity: first=\""
                    + first.identity().orElse("") + "\" second=\""
                    + connection.identity().orElse("") + "\" peer=" + connection.peer());
        }
    }

    /** Waits until all are there. The deadlines are those of the connections that are awaited. */
    void awaitAll() throws InterruptedException {
        allThere.await();
    }

    @Override
    public synchronized boolean mayBeThere() {
        return there > (main == null ? 0 : 1);
    }

    @Override
    public synchronized void await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); left > 0 && !mayBeThere(); left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /**
     * The main channel brings its pages itself: nobody else is waited for, and whoever comes is none of the
     * migration's.
     *
     * @return false where a channel has come in the meantime
     */
    boolean expectNoChannels() {
        synchronized (this) {
            if (mayBeThere()) {
                return false;
            }
            plain = true;
        }
        whenComplete.run();
        allThere.countDown();
        return true;
    }

    /** Whether there are no channels, and will be none. */
    synchronized boolean isPlain() {
        return plain;
    }

    /** The multifd channels' connections that are there. */
    synchronized List<Connection> multifdConnections() {
        List<Connection> there = new ArrayList<>();
        for (Connection connection : connections) {
            if (connection != null) {
                there.add(connection);
            }
        }
        return there;
    }

    /** What is awaited, in the words that a user needs when it does not come. */
    @Override
    public synchronized String toString() {
        if (fewer) {
            return main == null ? "main channel" : "multifd channel, set multifd alike on both ends";
        }
        return "connection " + (there + 1) + " of " + (channels + 1)
                + ", set multifd and multifd-channels alike on both ends";
    }
}
