package io.pageferry.server;

import io.pageferry.receive.Introduction;
import java.util.Optional;

/**
 * A connection that is not yet a migration's, as {@link Gathering} has it: guarded by that.
 *
 * @param <C> the connection itself
 */
final class Caller<C> {
    private final C connection;
    private final String door;
    private final String host;
    private final String peer;
    private final long acceptedNanos;

    private Optional<String> identity = Optional.empty();
    private Introduction introduction;

    Caller(C connection, String door, String host, String peer, long acceptedNanos) {
        this.connection = connection;
        this.door = door;
        this.host = host;
        this.peer = peer;
        this.acceptedNanos = acceptedNanos;
    }

    C connection() {
        return connection;
    }

    /** The address that its guest's other connections come from too. */
    String host() {
        return host;
    }

    /** The same, and where they come to. */
    Gathering.Way way() {
        return new Gathering.Way(door, host);
    }

    String peer() {
        return peer;
    }

    long acceptedNanos() {
        return acceptedNanos;
    }

    void introduce(Optional<String> who, Introduction says) {
        identity = who;
        introduction = says;
    }

    boolean isIntroduced() {
        return introduction != null;
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
