package io.pageferry.server;

import io.pageferry.net.Connection;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.StallWatch;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The connections of one guest, all there already, and nobody behind them until it is closed. Who comes later is
 * {@link Gathering}'s.
 */
final class GatheredConnections implements ConnectionSource {
    private final Deque<Connection> left; // guarded by this
    private boolean closed; // guarded by this

    GatheredConnections(List<Connection> connections) {
        left = new ArrayDeque<>(connections);
    }

    @Override
    public Connection accept(StallWatch watch, Object awaited) throws ClosedChannelException, InterruptedException {
        Connection connection = take();
        connection.watchBy(watch);
        watch.arm();
        return connection;
    }

    private synchronized Connection take() throws ClosedChannelException, InterruptedException {
        while (left.isEmpty() && !closed) {
            wait();
        }
        if (closed) {
            throw new ClosedChannelException();
        }
        return left.removeFirst();
    }

    /** Closes those that nobody has taken. */
    @Override
    public synchronized void close() {
        left.forEach(Connection::close);
        left.clear();
        closed = true;
        notifyAll();
    }
}
