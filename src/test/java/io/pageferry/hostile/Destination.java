package io.pageferry.hostile;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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

    private final ServerSocketChannel listener;
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private Destination(ServerSocketChannel listener) {
        this.listener = listener;
    }

    static Destination start(Behaviour behaviour) throws IOException {
        Destination destination = new Destination(
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
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

    static void write(SocketChannel connection, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            connection.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
        for (Thread thread : threads) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
