package io.pageferry.testing;

import io.pageferry.config.MigrationUri;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import java.io.IOException;
import java.time.Duration;

/** A connection of this process to itself, with both its ends. */
public record Loopback(Connection ours, Connection peers) implements AutoCloseable {
    public static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    /** Longer than any test may take. */
    public static final Duration PATIENT = Duration.ofMinutes(2);

    public static Loopback open() throws IOException, InterruptedException {
        return open(new StallWatch(PATIENT));
    }

    /**
     * Connects over TCP.
     *
     * @param watch of our end
     */
    public static Loopback open(StallWatch watch) throws IOException, InterruptedException {
        return open(ANY_PORT, watch);
    }

    /** Connects at an address. */
    public static Loopback open(MigrationUri uri, StallWatch watch) throws IOException, InterruptedException {
        try (Listener listener = Listener.open(uri, 1)) {
            Connection peers = Connector.to(listener.uri()).connect(new StallWatch(PATIENT), "peer");
            return new Loopback(listener.accept(watch, "peer"), peers);
        }
    }

    @Override
    public void close() {
        ours.close();
        peers.close();
    }
}
