package io.pageferry.hostile;

import io.pageferry.config.MigrationUri;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** The sockets of a source that is not QEMU: sends what it is given and waits to be closed. */
final class Peer implements AutoCloseable {
    private final List<SocketChannel> sockets = new ArrayList<>();
    private final List<ByteArrayOutputStream> answers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** What becomes of a connection once its bytes are sent. */
    enum Then {
        /** It is closed, as when the source has ended. */
        CLOSE,
        /** It is reset, as when the source's host has lost it. */
        RESET,
        /** Nothing more comes. */
        SILENCE
    }

    /** Connects and sends, each connection on a thread of its own, in the order in which they are given. */
    void send(MigrationUri destination, byte[] bytes, Then then) throws IOException {
        MigrationUri.Tcp tcp = (MigrationUri.Tcp) destination;
        SocketChannel socket;
        try {
            socket = SocketChannel.open(new InetSocketAddress(tcp.host(), tcp.port()));
        } catch (SocketException e) {
            return; // The migration has ended already, by what came before.
        }
        sockets.add(socket);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        answers.add(said);
        threads.add(Thread.ofVirtual().name("peer").start(() -> {
            try {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    socket.write(rest);
                }
                end(socket, then);
                listen(socket, said);
            } catch (IOException e) {
                // The other end has closed the connection, as it should.
            }
        }));
    }

    private static void listen(SocketChannel socket, ByteArrayOutputStream said) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1024);
        while (socket.read(bytes.clear()) >= 0) {
            said.write(bytes.array(), 0, bytes.position());
        }
    }

    /** Does to a connection what a source does that goes away. */
    void end(int connection, Then how) throws IOException {
        end(sockets.get(connection), how);
    }

    static void end(SocketChannel socket, Then how) throws IOException {
        switch (how) {
            case CLOSE -> socket.shutdownOutput();
            case RESET -> {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                socket.close();
            }
            case SILENCE -> {}
        }
    }

    /** What was said to a connection, once all are {@linkplain #awaitClosed closed}; 0 is the first that was made. */
    byte[] answers(int connection) {
        return answers.get(connection).toByteArray();
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
