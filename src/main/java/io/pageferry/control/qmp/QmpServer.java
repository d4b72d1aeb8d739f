package io.pageferry.control.qmp;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for QMP clients, each of which gets a session of its own on a virtual thread. Closing it closes them all. For any thread. */
public final class QmpServer implements AutoCloseable {
    /** Far more than tools that watch; a client that is one too many is closed at once. */
    public static final int DEFAULT_MAX_CLIENTS = 64;

    /** Between two attempts to take a client, where there is nothing to take it with: descriptors, say. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Logger LOG = LoggerFactory.getLogger(QmpServer.class);

    private final ServerSocketChannel listener;
    private final MigrationUri uri;
    private final MigrationHost host;
    private final int maxClients;
    private final Thread acceptor;
    private final Map<SocketChannel, Thread> clients = new HashMap<>(); // guarded by this
    private boolean closed; // guarded by this

    private QmpServer(ServerSocketChannel listener, MigrationUri uri, MigrationHost host, int maxClients) {
        this.listener = listener;
        this.uri = uri;
        this.host = host;
        this.maxClients = maxClients;
        this.acceptor = Thread.ofVirtual().name("qmp-listener").unstarted(this::acceptAll);
    }

    /**
     * Begins to listen.
     *
     * @param uri {@code tcp:HOST:PORT} (port 0: any free one) or {@code unix:PATH}
     */
    public static QmpServer start(MigrationUri uri, MigrationHost host, int maxClients) throws IOException {
        ServerSocketChannel listener = uri instanceof MigrationUri.Unix
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        try {
            QmpServer server = new QmpServer(listener, bind(listener, uri), host, maxClients);
            server.acceptor.start();
            return server;
        } catch (IOException e) {
            listener.close();
            throw new IOException(
                    "QMP address must be free to listen at: uri=" + uri + " reason=\"" + e.getMessage() + "\"", e);
        } catch (RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    private static MigrationUri bind(ServerSocketChannel listener, MigrationUri uri) throws IOException {
        switch (uri) {
            case MigrationUri.Tcp tcp -> {
                InetAddress address = tcp.host().isEmpty() ? null : InetAddress.getByName(tcp.host());
                listener.bind(new InetSocketAddress(address, tcp.port()));
                return new MigrationUri.Tcp(tcp.host(), ((InetSocketAddress) listener.getLocalAddress()).getPort());
            }
            case MigrationUri.Unix unix -> {
                removeStaleSocket(unix.path());
                listener.bind(UnixDomainSocketAddress.of(unix.path()));
                return unix;
            }
            case MigrationUri.ImageFile file ->
                throw new ConfigException("QMP address must be tcp:HOST:PORT or unix:PATH: value=" + file);
        }
    }

    /** Where it listens, with the real port. */
    public MigrationUri uri() {
        return uri;
    }

    private void acceptAll() {
        while (true) {
            try {
                serve(listener.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("QMP client lost: uri={} reason=\"{}\"", uri, e.getMessage());
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
    }

    private synchronized void serve(SocketChannel client) throws IOException {
        if (closed || clients.size() >= maxClients) {
            LOG.warn("QMP clients must be as many as {} at the most: uri={}", maxClients, uri);
            client.close();
            return;
        }
        Thread thread = Thread.ofVirtual().name("qmp").unstarted(() -> {
            try {
                new QmpSession(client, host).run();
            } finally {
                remove(client);
            }
        });
        clients.put(client, thread);
        thread.start();
    }

    private synchronized void remove(SocketChannel client) {
        clients.remove(client);
    }

    /** Closes listener and clients, and waits until their threads have ended. Migrations go on. */
    @Override
    public void close() {
        Map<SocketChannel, Thread> left;
        synchronized (this) {
            closed = true;
            left = Map.copyOf(clients);
        }
        closeQuietly(listener);
        left.keySet().forEach(QmpServer::closeQuietly);
        join(List.of(acceptor));
        join(left.values());
        if (uri instanceof MigrationUri.Unix unix) {
            try {
                Files.deleteIfExists(unix.path());
            } catch (IOException e) {
                // Somebody else has it; the next listener will say so.
            }
        }
    }

    private static void join(Iterable<Thread> threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // they end without being waited for
        }
    }

    private static void closeQuietly(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            // It was to be gone, and is.
        }
    }

    /** As QEMU does: a socket that a process left behind is in nobody's use, a file of another kind is not ours. */
    private static void removeStaleSocket(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            Files.delete(path);
        }
    }
}
