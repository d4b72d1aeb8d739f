package io.pageferry.control.http;

import com.sun.net.httpserver.HttpServer;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import io.pageferry.supervision.Threads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JDK's server, kept alive. It has three threads of its own, and each ends with the first {@code Error}; none is
 * replaced, and clients would wait for ever, or stay for ever. The one that accepts and reads requests goes on where it
 * was. The others have timers, and a timer is over with its thread: then the server is begun anew at the same address,
 * and connections that are there are closed. For any thread.
 */
final class SupervisedServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedServer.class);

    /** As the JDK calls the thread that accepts. */
    private static final String DISPATCHER = "HTTP-Dispatcher";

    private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Makes a server and starts it. */
    @FunctionalInterface
    interface ClientProtocol {
        HttpServer at(InetSocketAddress address) throws IOException;
    }

    private final ClientProtocol opening;
    private final InetSocketAddress address;

    /** Of the server's threads: it makes them in the group of who makes and starts it. */
    private final ThreadGroup group = new ThreadGroup("http") {
        @Override
        public void uncaughtException(Thread thread, Throwable fault) {
            Faults.note(Place.HTTP, thread.getName(), fault);
            if (thread.getName().equals(DISPATCHER)) {
                restart(thread);
            } else {
                dead = true;
                LockSupport.unpark(keeper);
            }
        }
    };

    /** Set by a thread that has ended. */
    private volatile boolean dead;

    private volatile HttpServer server;
    private final Thread keeper;

    SupervisedServer(InetSocketAddress wanted, ClientProtocol opening) throws IOException, InterruptedException {
        this.opening = opening;
        this.server = open(wanted);
        this.address = server.getAddress();
        this.keeper = Loop.start(Place.HTTP, "http-keeper", this::keep);
    }

    /** Where it listens, with the real port. */
    InetSocketAddress address() {
        return address;
    }

    /** A thread that is about to end runs again what it ran: a loop, whose state is the server's. */
    private static void restart(Thread thread) {
        new Loop(Place.HTTP, thread.getName(), () -> {
                    long begun = System.nanoTime();
                    try {
                        thread.run();
                        return false;
                    } catch (Error e) {
                        if (System.nanoTime() - begun < LONG_NANOS) {
                            throw e;
                        }
                        Faults.note(Place.HTTP, thread.getName(), e);
                        return true; // it has done what it should for a while
                    }
                })
                .run();
    }

    private boolean keep() throws IOException, InterruptedException {
        while (!dead) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                return false;
            }
        }
        server.stop(0);
        server = open(address);
        dead = false;
        LOG.warn("http listens again: address={}", address);
        return true;
    }

    private HttpServer open(InetSocketAddress where) throws IOException, InterruptedException {
        FutureTask<HttpServer> task = new FutureTask<>(() -> opening.at(where));
        Thread opener = new Thread(group, task, "http-open");
        opener.start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    @Override
    public void close() {
        keeper.interrupt();
        boolean interrupted = Threads.awaitEnd(keeper, () -> {});
        server.stop(0);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
