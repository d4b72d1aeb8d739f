package io.pageferry.hostile;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** The sockets of a source that is not QEMU: sends what it is given and waits to be closed. */
final class Peer implements AutoCloseable {
    private final List<SocketChannel> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** What becomes of a connection once its bytes are sent. */
    enum Then {
        /** It is closed, as when the source has ended. */
        CLOSE,
        /** Nothing more comes. */
        SILENCE
    }

    /** Connects and sends, each connection on a thread of its own, in the order in which they are given. */
    void send(MigrationUri destination, byte[] bytes, Then then) throws IOException {
        MigrationUri.Tcp tcp = (MigrationUri.Tcp) destination;
        SocketChannel socket;
        try {
            socket = SocketChannel.open(new InetSocketAddress(tcp.host(), tcp.port()));
        } catch (ConnectException e) {
            return; // The migration has ended already, by what came before.
        }
        sockets.add(socket);
        threads.add(Thread.ofVirtual().name("peer").start(() -> {
            try {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    socket.write(rest);
                }
                if (then == Then.CLOSE) {
                    socket.shutdownOutput();
                }
                awaitClose(socket);
            } catch (IOException e) {
                // The other end has closed the connection, as it should.
            }
        }));
    }

    private static void awaitClose(SocketChannel socket) throws IOException {
        ByteBuffer answers = ByteBuffer.allocate(1024);
        while (socket.read(answers.clear()) >= 0) {
            // A return path's messages, or what a server says to strangers.
        }
    }

    /** Waits until the other end has closed all connections. */
    void awaitClosed() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel socket : sockets) {
            socket.close();
        }
    }
}
