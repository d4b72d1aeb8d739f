package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A socket at which nobody accepts, and at which so many wait that there is room for a given number only. */
final class FullListener implements AutoCloseable {
    private final ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 2);
    private final List<SocketChannel> waiting = new ArrayList<>();

    FullListener(int room) throws IOException {
        boolean full = false;
        while (!full) {
            full = !connectWithin(Duration.ofMillis(300));
        }
        for (int i = 0; i < room; i++) {
            waiting.removeFirst().close();
            listener.accept().close();
        }
    }

    private boolean connectWithin(Duration patience) throws IOException {
        SocketChannel socket = SocketChannel.open();
        try {
            socket.socket().connect(listener.getLocalAddress(), (int) patience.toMillis());
            waiting.add(socket);
            return true;
        } catch (java.net.SocketTimeoutException e) {
            socket.close();
            return false;
        }
    }

    MigrationUri uri() throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        assertTrue(address.getPort() > 0);
        return new MigrationUri.Tcp(address.getHostString(), address.getPort());
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel socket : waiting) {
            socket.close();
        }
        listener.close();
    }
}
