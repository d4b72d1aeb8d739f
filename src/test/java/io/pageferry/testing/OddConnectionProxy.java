package io.pageferry.testing;

import io.pageferry.config.MigrationUri;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Stands between a source and its destination, on loopback, and passes on what they say; but one of the source's
 * connections comes through late, or never, which its source cannot see.
 */
public final class OddConnectionProxy implements AutoCloseable {
    /** So late that it never comes. */
    public static final Duration NEVER = Duration.ofDays(1);

    private final ServerSocket server;
    private final MigrationUri.Tcp target;
    private final int odd;
    private final Duration delay;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Closeable> open = new ArrayList<>(); // guarded by itself
    private final List<Thread> threads = new ArrayList<>(); // guarded by open

    private OddConnectionProxy(MigrationUri.Tcp target, int odd, Duration delay) throws IOException {
        this.target = target;
        this.odd = odd;
        this.delay = delay;
        this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    }

    /**
     * Begins to listen.
     *
     * @param odd which connection is odd, in the order in which they come; the main channel's is number 0
     */
    public static OddConnectionProxy to(MigrationUri target, int odd, Duration delay) throws IOException {
        OddConnectionProxy proxy = new OddConnectionProxy((MigrationUri.Tcp) target, odd, delay);
        proxy.run(proxy::acceptAll);
        return proxy;
    }

    /** Where it listens. */
    public MigrationUri uri() {
        return new MigrationUri.Tcp("127.0.0.1", server.getLocalPort());
    }

    private interface Step {
        void take() throws IOException, InterruptedException;
    }

    private void run(Step step) {
        Thread thread = Thread.ofVirtual().unstarted(() -> {
            try {
                step.take();
            } catch (IOException | InterruptedException e) {
                // One end has closed, or it is all over.
            }
        });
        synchronized (open) {
            threads.add(thread);
        }
        thread.start();
    }

    private void acceptAll() throws IOException {
        for (int number = 0; ; number++) {
            Socket source = keep(server.accept());
            boolean isOdd = number == odd;
            run(() -> serve(source, isOdd));
        }
    }

    private void serve(Socket source, boolean isOdd) throws IOException, InterruptedException {
        if (isOdd && closed.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
        }
        Socket destination = keep(new Socket(target.host(), target.port()));
        run(() -> copy(destination, source));
        copy(source, destination);
    }

    /** Each way ends by itself: a source has sent all long before it is told what has become of it. */
    private static void copy(Socket from, Socket to) throws IOException {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            from.close();
            to.close();
        }
    }

    private Socket keep(Socket socket) throws IOException {
        synchronized (open) {
            if (closed.getCount() == 0) {
                socket.close();
            }
            open.add(socket);
        }
        return socket;
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        List<Thread> left;
        synchronized (open) {
            for (Closeable one : open) {
                one.close();
            }
            left = List.copyOf(threads);
        }
        for (Thread thread : left) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
