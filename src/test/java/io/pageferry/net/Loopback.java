package io.pageferry.net;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.time.Duration;

/** Two ends of a connection in one process. */
record Loopback(Connection near, Connection far) implements AutoCloseable {
    static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);
    static final Duration PATIENT = Duration.ofSeconds(60);

    /** Connects; the watch is the near end's. */
    static Loopback connect(MigrationUri uri, StallWatch watch) throws IOException {
        try (Listener listener = Listener.open(uri, 1)) {
            Connection near = Connector.connect(listener.uri(), watch, "channel=1");
            return new Loopback(near, listener.accept(new StallWatch(PATIENT), "peer"));
        }
    }

    static Loopback connect() throws IOException {
        return connect(ANY_PORT, new StallWatch(PATIENT));
    }

    @Override
    public void close() {
        near.close();
        far.close();
    }
}
