package io.pageferry.qemu;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Lies between a source and its destination, at one address, and breaks when it is told to. Whoever connects while
 * nobody listens at the other end is ended at once.
 */
final class BreakingLink implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile Path target;

    private BreakingLink(ServerSocketChannel listener) {
        this.listener = listener;
    }

    static BreakingLink start() throws IOException {
        BreakingLink link = new BreakingLink(
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        link.run(() -> {
            while (true) {
                link.forward(link.listener.accept());
            }
        });
        return link;
    }

    /** Where a source connects. */
    String uri() throws IOException {
        return "tcp:127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    /** Says at which socket a destination listens from now on. */
    void to(Path socket) {
        target = socket;
    }

    private void forward(SocketChannel source) throws IOException {
        connections.add(source);
        SocketChannel destination;
        try {
            destination = SocketChannel.open(UnixDomainSocketAddress.of(target));
        } catch (IOException e) {
            source.close();
            return;
        }
        connections.add(destination);
        run(() -> copy(source, destination));
        run(() -> copy(destination, source));
    }

    private static void copy(SocketChannel from, SocketChannel to) throws IOException {
        try (from;
                to) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
        }
    }

    /** Ends all connections, at both ends, with whatever is on its way. */
    void breakAll() throws IOException {
        for (SocketChannel connection : connections) {
            connection.close();
        }
        connections.clear();
    }

    private interface Task {
        void run() throws IOException;
    }

    private void run(Task task) {
        threads.add(Thread.ofVirtual().name("link").start(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // It broke, or the test has ended.
            }
        }));
    }

    @Override
    public void close() throws IOException {
        listener.close();
        join(threads.getFirst());
        breakAll();
        for (Thread thread : threads) {
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
