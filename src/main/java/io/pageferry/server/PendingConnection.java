package io.pageferry.server;

import io.pageferry.receive.Introduction;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection that is not yet a migration's, as {@link Gathering} has it: guarded by that.
 *
 * @param <C> the connection itself
 */
final class PendingConnection<C> {
    private final C connection;
    private final String address;
    private final String host;
    private final String network;
    private final String peer;
    private final long number;
    private final long acceptedNanos;

    /** Held by who looks at what comes before it is a migration's. */
    private final Lock looking = new ReentrantLock();

    private final LastLook lastLook = new LastLook();

    private boolean here = true;
    private Beginning beginning = Beginning.UNKNOWN;
    private long introducedNanos;
    private Optional<String> identity = Optional.empty();
    private Introduction introduction;

    /** What its first bytes say that it is. */
    enum Beginning {
        UNKNOWN,
        MAIN,
        CHANNEL,
        /** No connection of a guest's. */
        NEITHER
    }

    PendingConnection(
            C connection, String address, String host, String network, String peer, long number, long acceptedNanos) {
        this.connection = connection;
        this.address = address;
        this.host = host;
        this.network = network;
        this.peer = peer;
        this.number = number;
        this.acceptedNanos = acceptedNanos;
    }

    C connection() {
        return connection;
    }

    /** The address that its guest's other connections come from too. */
    String host() {
        return host;
    }

    /** What it shares limits with. */
    String network() {
        return network;
    }

    /** Held while somebody uses the connection before it is a migration's. */
    Lock looking() {
        return looking;
    }

    LastLook lastLook() {
        return lastLook;
    }

    /** Waits until nobody does so any more: to be called by who takes it, when it {@linkplain #isHere is not here}. */
    void awaitNobodyLooks() {
        looking.lock();
        looking.unlock();
    }

    /** Whether it counts among those who wait. */
    boolean isHere() {
        return here;
    }

    void leave() {
        here = false;
    }

    /** The host, and where its connections come to. */
    Realm.Origin origin() {
        return new Realm.Origin(address, host);
    }

    /** Who its guest's other connections may be, once it is introduced. */
    Realm realm() {
        return new Realm(origin(), identity);
    }

    String peer() {
        return peer;
    }

    /** Whether it was accepted before another one. */
    boolean isBefore(PendingConnection<C> other) {
        return number < other.number;
    }

    long acceptedNanos() {
        return acceptedNanos;
    }

    /** The connection's own thread, before it is introduced or lost. */
    void begins(Beginning as) {
        beginning = as;
    }

    Beginning beginning() {
        return beginning;
    }

    void introduce(Optional<String> who, Introduction says, long nowNanos) {
        introducedNanos = nowNanos;
        identity = who;
        introduction = says;
    }

    boolean isIntroduced() {
        return introduction != null;
    }

    long introducedNanos() {
        return introducedNanos;
    }

    Introduction introduction() {
        return introduction;
    }

    /** Who it has proved to be under TLS. */
    Optional<String> identity() {
        return identity;
    }

    @Override
    public String toString() {
        return switch (introduction) {
            case null -> "connection from " + peer;
            case Introduction.Main _ -> "main channel from " + peer;
            case Introduction.Channel channel -> "channel=" + channel.id() + " from " + peer;
        };
    }
}
