package io.pageferry.hostile;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A destination under TLS that does the handshakes of so many connections, and leaves those that come then without an
 * answer. Nothing is read after a handshake.
 */
final class HandshakingDestination implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private final Thread thread;

    HandshakingDestination(SSLContext context, int handshakes) throws IOException {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread = Thread.ofVirtual().name("destination").start(() -> {
            try {
                while (true) {
                    SocketChannel connection = listener.accept();
                    connections.add(connection);
                    if (connections.size() <= handshakes) {
                        handshake(context, connection);
                    }
                }
            } catch (IOException e) {
                // The test is over.
            }
        });
    }

    static HandshakingDestination of(Setting setting, int handshakes) throws IOException {
        try {
            return new HandshakingDestination(setting.serverContext(), handshakes);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void handshake(SSLContext context, SocketChannel connection) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(connection.socket(), null, false);
        socket.startHandshake();
    }

    MigrationUri uri() throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        return new MigrationUri.Tcp(address.getHostString(), address.getPort());
    }

    /** Ends a connection: 0 is the main one. */
    void end(int connection, Peer.Then how) throws IOException {
        Peer.end(connections.get(connection), how);
    }

    /** Waits until the source has closed all connections. */
    void awaitClosed() {
        for (SocketChannel connection : connections) {
            try {
                Destination.readAll(connection);
            } catch (IOException e) {
                // Closed too, with something in it that was not read.
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
