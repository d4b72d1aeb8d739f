package io.pageferry.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Finds a host's addresses, and is ended by an interrupt as a connection is: the system's resolver, which may ask
 * servers that do not answer, knows of none. So it has a thread of its own, which whoever is interrupted leaves to it;
 * it ends when the resolver gives up. Stateless: any thread.
 */
final class HostLookup {
    private static final String THIS_HOST = "localhost";

    private HostLookup() {}

    /** What knows the addresses of names. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String name) throws UnknownHostException;
    }

    /**
     * Finds the addresses of a name, or an address's own.
     *
     * @param host empty for this one
     * @throws UnknownHostException where it has none
     * @throws ClosedByInterruptException where the thread is interrupted, which it stays
     */
    static InetAddress[] addresses(String host) throws IOException {
        return addresses(host.isEmpty() ? THIS_HOST : host, InetAddress::getAllByName);
    }

    static InetAddress[] addresses(String host, Resolver resolver) throws IOException {
        try {
            return new InetAddress[] {InetAddress.ofLiteral(host)};
        } catch (IllegalArgumentException e) {
            return resolve(host, resolver);
        }
    }

    private static InetAddress[] resolve(String name, Resolver resolver) throws IOException {
        FutureTask<InetAddress[]> task = new FutureTask<>(() -> resolver.resolve(name));
        Thread.ofPlatform().daemon().name("resolver").start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case UnknownHostException unknown -> throw unknown;
                case RuntimeException fault -> throw fault;
                case Error error -> throw error;
                case Throwable other -> throw new IllegalStateException(other);
            }
        }
    }
}
