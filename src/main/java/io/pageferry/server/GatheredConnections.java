package io.pageferry.server;

import io.pageferry.net.Connection;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.StallWatch;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The connections of one guest, all there already. Who comes later is {@link Gathering}'s. */
final class GatheredConnections implements ConnectionSource {
    private final BlockingQueue<Connection> left;

    GatheredConnections(List<Connection> connections) {
        left = new LinkedBlockingQueue<>(connections);
    }

    @Override
    public Connection accept(StallWatch watch, Object awaited) throws InterruptedException {
        Connection connection = left.take();
        connection.watchBy(watch);
        watch.arm();
        return connection;
    }

    /** Closes those that nobody has taken. */
    @Override
    public void close() {
        for (Connection connection = left.poll(); connection != null; connection = left.poll()) {
            connection.close();
        }
    }
}
