package io.pageferry.server;

import io.pageferry.net.Connection;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.net.Throttle;
import java.io.IOException;

/** A listener of one guest's own, whose connections together have one share of the host's bandwidth. */
record ThrottledListener(Listener listener, Throttle share) implements ConnectionSource {
    @Override
    public Connection accept(StallWatch watch, Object awaited) throws IOException, InterruptedException {
        Connection connection = listener.accept(watch, awaited);
        connection.throttleBy(share);
        return connection;
    }

    @Override
    public void close() {
        listener.close();
    }
}
