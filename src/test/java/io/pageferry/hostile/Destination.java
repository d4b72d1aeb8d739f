package io.pageferry.hostile;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** A destination that is not QEMU: takes connections and does with each what a test says, on a thread of its own. */
final class Destination implements AutoCloseable {
    /** What is done with a connection, until it returns; then the connection is closed. */
    @FunctionalInterface
    interface Behaviour {
        /**
         * Serves a connection.
         *
         * @param number in the order of arrival; 0 is the main channel
         */
        void serve(int number, SocketChannel connection) throws IOException;
    }

    /** What a connection holds that is not read: little, so that who does not read soon stops who writes. */
    private static final int ROOM_BYTES = 256 * 1024;

    private final ServerSocketChannel listener;
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private Destination(ServerSocketChannel listener) {
        this.listener = listener;
    }

    static Destination start(Behaviour behaviour) throws IOException {
        Destination destination = new Destination(ServerSocketChannel.open()
                .setOption(StandardSocketOptions.SO_RCVBUF, ROOM_BYTES)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        destination.run(() -> {
            for (int number = 0; ; number++) {
                destination.serve(number, behaviour);
            }
        });
        return destination;
    }

    private void serve(int number, Behaviour behaviour) throws IOException {
        SocketChannel connection = listener.accept();
        connections.add(connection);
        run(() -> {
            try (connection) {
                behaviour.serve(number, connection);
            }
        });
    }

    private interface Task {
        void run() throws IOException;
    }

    private void run(Task task) {
        threads.add(Thread.ofVirtual().name("destination").start(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // Closed: by the source, which has failed, or by the test's end.
            }
        }));
    }

    MigrationUri uri() throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        return new MigrationUri.Tcp(address.getHostString(), address.getPort());
    }

    /** Ends a connection, whatever is being done with it: 0 is the main one. */
    void end(int connection, Peer.Then how) throws IOException {
        Peer.end(connections.get(connection), how);
    }

    /** Waits until the source has closed all connections; each is to be read to its end. */
    void awaitClosed() throws InterruptedException {
        for (Thread thread : threads.subList(1, threads.size())) {
            thread.join();
        }
    }

    /** Reads so many bytes, or to the end. */
    static void read(SocketChannel connection, long bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
        long left = bytes;
        while (left > 0) {
            int read = connection.read(buffer.clear().limit((int) Math.min(left, buffer.capacity())));
            if (read < 0) {
                return;
            }
            left -= read;
        }
    }

    static void readAll(SocketChannel connection) throws IOException {
        read(connection, Long.MAX_VALUE);
    }

    /** Keeps a connection without reading what comes, until the test ends. */
    static void keep() {
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
        }
    }

    /** The same until a test says so. */
    static void keepUntil(CountDownLatch over) {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void write(SocketChannel connection, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            connection.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        join(threads.getFirst()); // who accepts, so that nobody comes behind those who are ended here
        for (SocketChannel connection : connections) {
            connection.close();
        }
        for (Thread thread : threads) {
            thread.interrupt();
            join(thread);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
