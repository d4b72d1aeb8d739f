package io.pageferry.control.qmp;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TimeSpan;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.AcceptLoop;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Threads;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for QMP clients, each of which gets a session of its own on a virtual thread. Closing it closes them all. For
 * any thread.
 */
public final class QmpServer implements AutoCloseable {
    /** How many clients may wait to be accepted. */
    private static final int BACKLOG = 64;

    /** What clients are refused for. */
    static final String HANDSHAKE = "qmp-handshake";

    static final String MAX_CLIENTS = "qmp-max-clients";

    private static final Logger LOG = LoggerFactory.getLogger(QmpServer.class);

    private final Listener listener;
    private final MigrationUri uri;
    private final Optional<TlsSettings> tls;
    private final QmpSettings settings;
    private final MigrationHost host;
    private final AcceptLoop acceptLoop;

    // Guarded by this.
    private final Map<Connection, Thread> clients = new HashMap<>();
    private final SequencedSet<Connection> handshaking = new LinkedHashSet<>(); // of the clients: in their handshake
    private final Set<Connection> admitted = new HashSet<>(); // of the clients: let in
    private boolean closed;

    private QmpServer(
            Listener listener, MigrationUri uri, Optional<TlsSettings> tls, QmpSettings settings, MigrationHost host) {
        this.listener = listener;
        this.uri = uri;
        this.tls = tls;
        this.settings = settings;
        this.host = host;
        this.acceptLoop = AcceptLoop.start(Place.QMP, "qmp-listener", listener, "QMP client", new Acceptor());
    }

    /**
     * Begins to listen.
     *
     * @param address one of the settings'
     * @throws NetException where it cannot be listened at, or the files that TLS needs are missing or wrong
     */
    static QmpServer start(QmpAddress address, QmpSettings settings, MigrationHost host) throws NetException {
        Optional<TlsSettings> tls = settings.tls().filter(_ -> address.isTcp());
        Listener listener = Listener.openForOwner(address.bound(), BACKLOG, TlsSecurity.ofServer(tls));
        return new QmpServer(listener, address.named(listener.uri()), tls, settings, host);
    }

    /** Where it listens, with the real port. */
    MigrationUri uri() {
        return uri;
    }

    /**
     * Reads the files of TLS again, for clients that connect from now on.
     *
     * @throws NetException where they are missing or wrong; what was read before stays in use
     */
    void reloadTls() throws NetException {
        listener.secureBy(TlsSecurity.ofServer(tls));
    }

    /** Clients may be silent for as long as they like; what else may not last has a {@link Deadline}. */
    private final class Acceptor implements AcceptLoop.Acceptor {
        @Override
        public void accepted(Connection client) {
            admit(client);
        }

        @Override
        public void lost(Throwable failure) {
            if (failure instanceof IOException) {
                LOG.warn("QMP client lost: uri={} reason=\"{}\"", uri, failure.getMessage());
            }
        }
    }

    /**
     * Has a client prove who it is. Those that have not are bounded by themselves, and the one that has taken longest
     * makes room: so who cannot prove anything keeps nobody out who can.
     */
    private void admit(Connection client) {
        Connection eldest = null;
        synchronized (this) {
            if (closed) {
                client.close();
                return;
            }
            if (handshaking.size() >= settings.maxClients()) {
                eldest = handshaking.removeFirst();
            }
            Thread thread = Thread.ofVirtual().name("qmp").unstarted(() -> serve(client));
            try {
                clients.put(client, thread);
                handshaking.add(client);
                thread.start();
            } catch (Throwable e) {
                remove(client); // or it would have its place for ever
                client.close();
                throw e;
            }
        }
        if (eldest != null) {
            eldest.close();
        }
    }

    private void serve(Connection client) {
        Faults.contain(Place.QMP, "QMP client", () -> {
            try (client) {
                if (handshakes(client) && hasPlace(client)) {
                    new QmpSession(client, host, settings.writeTimeout()).run();
                }
            }
        });
        remove(client);
    }

    private boolean handshakes(Connection client) {
        Deadline deadline = Deadline.of(client, settings.handshakeTimeout());
        try (deadline) {
            client.begin();
            return true;
        } catch (IOException e) {
            if (!isClosed()) {
                host.refuse(
                        HANDSHAKE,
                        client.host(),
                        "QMP client refused: " + reason(e, deadline) + " peer=" + client.peer() + " uri=" + uri);
            }
            return false;
        }
    }

    private String reason(IOException e, Deadline deadline) {
        if (deadline.isPassed()) {
            return "TLS handshake must be done in time: timeout="
                    + TimeSpan.format(settings.handshakeTimeout().toNanos());
        }
        return e instanceof ClosedChannelException
                ? "TLS handshakes at once must be as many as " + settings.maxClients() + " at the most:"
                : e.getMessage();
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private boolean hasPlace(Connection client) {
        synchronized (this) {
            if (admitted.size() < settings.maxClients()) {
                return handshaking.remove(client) && admitted.add(client);
            }
        }
        host.refuse(
                MAX_CLIENTS,
                client.host(),
                "QMP clients must be as many as " + settings.maxClients() + " at the most: peer=" + client.peer()
                        + " uri=" + uri);
        return false;
    }

    private synchronized void remove(Connection client) {
        handshaking.remove(client);
        admitted.remove(client);
        clients.remove(client);
    }

    /** Closes listener and clients, and waits until their threads have ended. Migrations go on. */
    @Override
    public void close() {
        Map<Connection, Thread> left;
        synchronized (this) {
            closed = true;
            left = Map.copyOf(clients);
        }
        acceptLoop.close();
        left.keySet().forEach(Connection::close);
        left.values().forEach(Threads::joinUnlessInterrupted);
    }
}
