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
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    public static Loopback open() throws IOException {
        return open(new StallWatch(Duration.ofMinutes(1)));
    }

    /**
     * Connects.
     *
     * @param watch of our end
     */
    public static Loopback open(StallWatch watch) throws IOException {
        try (Listener listener = Listener.open(ANY_PORT, 1)) {
            Connection peers = Connector.connect(listener.uri(), new StallWatch(Duration.ofMinutes(1)), "peer");
            return new Loopback(listener.accept(watch, "peer"), peers);
        }
    }

    @Override
    public void close() {
        ours.close();
        peers.close();
    }
}
