package io.pageferry.server;

import io.pageferry.receive.Introduction;
import io.pageferry.receive.MultifdProbe;
import io.pageferry.server.Outcome.Admission;
import io.pageferry.server.Outcome.Refusal;
import io.pageferry.server.PendingConnection.Beginning;
import io.pageferry.server.RefusalLog.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Lets connections in, and joins those of any number of guests to whole ones: a main channel and N multifd channels.
 * Pure: says what is to be done, and does nothing. For any thread. By which rules, and what they rest on, is in
 * {@linkplain io.pageferry.server the room's map}.
 *
 * @param <C> a connection
 */
final class Gathering<C> {
    /**
     * In this time after its main channel all others of a source have come, or never will: Linux repeats a SYN for the
     * last time after 63 s.
     */
    static final long SETTLING_NANOS = TimeUnit.SECONDS.toNanos(70);

    /**
     * The same after a source has ended its main channel, and so the others too: what it had sent before has arrived.
     */
    static final long LEAVING_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How often is looked whether what a main channel waits for has come, or gone. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    static final String ADVICE =
            "set validate-uuid in the source, whose guest needs a uuid, or listen at one port for each";

    private final LongSupplier clock;

    // All guarded by this.
    private final WaitingConnections waiting;
    private final UnidentifiedConnections<C> unidentified = new UnidentifiedConnections<>();
    private final Joining<C> joining;
    private long accepted;

    /**
     * Makes one that is empty.
     *
     * @param channels how many multifd channels each guest has
     * @param maxConnections how many connections may be here
     * @param share what one host, or identity, may have of that
     * @param hasLeft whether the peer has ended a connection
     */
    Gathering(int channels, int maxConnections, HostShare share, LongSupplier clock, Predicate<C> hasLeft) {
        this(channels, maxConnections, share, clock, hasLeft, AbandonedGuests.MAX_PARTS);
    }

    /** The same, with as many places in an origin as {@link AbandonedGuests} shall have. */
    Gathering(
            int channels, int maxConnections, HostShare share, LongSupplier clock, Predicate<C> hasLeft, int maxParts) {
        this.clock = clock;
        this.waiting = new WaitingConnections(maxConnections, share, channels + 1);
        this.joining = new Joining<>(channels, clock, hasLeft, unidentified, maxParts);
    }

    /** How many connections are here. */
    synchronized int waiting() {
        return waiting.all();
    }

    /** And from one network. */
    synchronized int waiting(String network) {
        return waiting.of(network);
    }

    /**
     * Whether nothing is known of anybody: no connection is here, and nothing can come any more of a guest that was
     * given up.
     */
    synchronized boolean isEmpty() {
        return waiting.isEmpty() && unidentified.isEmpty() && joining.isEmpty();
    }

    /**
     * Somebody has connected. To be called in the order in which connections were accepted.
     *
     * @param address where: all connections of a guest come to the same one
     * @param host where from
     * @param network what the host shares limits with: it may be one of many addresses that somebody has
     */
    synchronized Admission<C> accepted(C connection, String address, String host, String network, String peer) {
        PendingConnection<C> pending =
                new PendingConnection<>(connection, address, host, network, peer, accepted++, clock.getAsLong());
        Optional<String> refusal = waiting.refusal(network, peer);
        Outcome<C> outcome = new Outcome<>();
        if (refusal.isEmpty()) {
            unidentified.add(pending);
            waiting.enter(network);
            return new Admission<>(Optional.of(pending), outcome);
        }
        joining.doubt(pending.origin(), 1, "no connection from its host must be refused meanwhile", outcome);
        joining.settle(pending.origin(), outcome);
        letGo(outcome);
        pending.leave();
        outcome.refused().addFirst(new Refusal<>(List.of(pending), Rule.MAX_CONNECTIONS, refusal.get()));
        return new Admission<>(Optional.empty(), outcome);
    }

    /** Somebody may have connected, and nobody knows who. */
    synchronized Outcome<C> missed(String address) {
        Outcome<C> outcome = new Outcome<>();
        joining.missed(address, outcome);
        return letGo(outcome);
    }

    /** A connection has said who it is. */
    synchronized Outcome<C> introduced(PendingConnection<C> pending, Optional<String> identity, Introduction says) {
        Outcome<C> outcome = new Outcome<>();
        unidentified.isKnown(pending);
        pending.introduce(identity, says, clock.getAsLong());
        Realm realm = new Realm(pending.origin(), identity);
        Optional<String> refusal = identity.flatMap(name -> waiting.prove(name, pending.peer()));
        if (refusal.isPresent()) {
            joining.doubt(realm, 1, "no connection of its identity must be refused meanwhile", outcome);
            outcome.refused().add(new Refusal<>(List.of(pending), Rule.MAX_CONNECTIONS, refusal.get()));
        } else {
            joining.add(pending, realm, says, outcome);
        }
        joining.settle(pending.origin(), outcome);
        unidentified.remove(pending);
        return letGo(outcome);
    }

    /** The channels of a main channel that has said who it is; where it is not here any more it must have some. */
    MultifdProbe.Channels channelsOf(PendingConnection<C> main) {
        return new MultifdProbe.Channels() {
            @Override
            public boolean mayBeThere() {
                synchronized (Gathering.this) {
                    return !main.isHere() || mayHaveChannels(main);
                }
            }

            @Override
            public void await(Duration atMost) throws InterruptedException {
                synchronized (Gathering.this) {
                    awaitUnless(this::mayBeThere, atMost);
                }
            }
        };
    }

    /**
     * Waits while others are here who may be a main channel's, and may not.
     *
     * @return whether it may still be plain: it is here, and no channel that says that it is its own
     */
    synchronized boolean awaitOthers(PendingConnection<C> main, Duration atMost) throws InterruptedException {
        awaitUnless(() -> !main.isHere() || !mayHaveChannels(main) || joining.hasOwnChannels(main), atMost);
        return main.isHere() && !joining.hasOwnChannels(main);
    }

    /**
     * Looks now and then. Nobody is woken by what goes on: with a thousand guests that would be a thousand threads for
     * each connection of any of them.
     */
    private void awaitUnless(BooleanSupplier over, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); left > 0 && !over.getAsBoolean(); left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, LOOK_NANOS));
        }
    }

    private boolean mayHaveChannels(PendingConnection<C> main) {
        return unidentified.on(main.origin()) > 0 || joining.mayHaveChannels(main);
    }

    /**
     * A main channel brings its pages itself: no channels of its guest are waited for.
     *
     * @param certain whether that is known, and not only likely
     */
    synchronized Outcome<C> plain(PendingConnection<C> main, boolean certain) {
        Outcome<C> outcome = new Outcome<>();
        if (main.isHere() && !mayHaveChannels(main)) {
            joining.completePlain(main, certain, outcome);
        }
        return letGo(outcome);
    }

    /**
     * A connection is gone before it has said who it is, or a fault was met when it had. Nothing is done the second
     * time.
     *
     * @param left whether its peer has ended it, and not we
     */
    synchronized Outcome<C> lost(PendingConnection<C> pending, boolean left) {
        Outcome<C> outcome = new Outcome<>();
        if (!pending.isHere()) {
            return outcome;
        }
        if (!pending.isIntroduced()) {
            unidentified.isKnown(pending);
        }
        leave(pending);
        boolean silent = pending.beginning() == Beginning.UNKNOWN;
        if (pending.beginning() == Beginning.MAIN || silent && !left) {
            joining.doubt(pending.origin(), 1, "no connection from its host must be lost meanwhile", outcome);
        }
        joining.settle(pending.origin(), outcome);
        unidentified.remove(pending);
        return letGo(outcome);
    }

    /**
     * Gives up those guests of whom a connection has been here since before a moment. Who has not yet said who it is
     * must be {@link #lost}. To be called now and then: it also finds those whose source has gone.
     */
    synchronized Outcome<C> expire(long sinceNanos, String reason) {
        Outcome<C> outcome = new Outcome<>();
        joining.expire(sinceNanos, reason, outcome);
        return letGo(outcome);
    }

    /** They do not wait any more. */
    private Outcome<C> letGo(Outcome<C> outcome) {
        outcome.complete().forEach(guest -> guest.all().forEach(this::leave));
        outcome.refused().forEach(refusal -> refusal.connections().forEach(this::leave));
        return outcome;
    }

    private void leave(PendingConnection<C> pending) {
        if (pending.isHere()) {
            pending.leave();
            waiting.leave(pending.network(), pending.identity());
        }
    }
}
