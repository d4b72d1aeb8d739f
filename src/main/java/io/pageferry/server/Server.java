package io.pageferry.server;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.control.qmp.QmpServers;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.MigrationListener;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.net.Security;
import io.pageferry.net.SharedBandwidth;
import io.pageferry.net.Throttle;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject;
import io.pageferry.session.registry.MigrationSubject.Direction;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageQuery;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Loan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes guests in at its addresses, into its store, and sends images of that on. For any thread. */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final ServerSettings settings;
    private final SharedBandwidth bandwidth;
    private final ImageStore store;
    private final Migrations migrations;
    private final Gathering<Connection> gathering;
    private final RefusalLog refusals;
    private final RefusalHistory refused;
    private final RefusalCounters refusalCounters = new RefusalCounters();
    private final MigrationStarter starter;
    private final List<GuestListener> listeners = new ArrayList<>();

    /** Those that are waited for at an address of their own. */
    private final Set<MigrationEntry> expected = ConcurrentHashMap.newKeySet();

    private final Sweeper sweeper;

    private Server(ServerSettings settings, ImageStore store, Migrations migrations, RefusalHistory refused) {
        this.settings = settings;
        this.bandwidth = new SharedBandwidth(settings.hostBandwidth());
        this.store = store;
        this.migrations = migrations;
        this.gathering = new Gathering<>(
                settings.parameters().multifdChannels(),
                settings.maxConnections(),
                settings.hostShare(),
                System::nanoTime,
                Connection::hasPeerLeft);
        refusalCounters.expect(QmpServers.REFUSALS);
        this.refusals = new RefusalLog(System::nanoTime, LOG::warn, refused, refusalCounters);
        this.refused = refused;
        this.starter = new MigrationStarter(refusals, settings, bandwidth, store, migrations);
        this.sweeper = new Sweeper(settings.parameters().stallTimeout(), this::expire, store::retain);
    }

    /** One that forgets who was refused when it ends. */
    public static Server start(ServerSettings settings, ImageStore store, Migrations migrations) throws NetException {
        return start(settings, store, migrations, RefusalHistory.inMemory());
    }

    /**
     * Begins to listen.
     *
     * @param store is its opener's to close, after this
     * @param migrations takes up what comes in and what goes out; its maker's to close, after this
     * @param refused remembers who is refused
     * @throws NetException where an address cannot be listened at; then at none
     */
    public static Server start(ServerSettings settings, ImageStore store, Migrations migrations, RefusalHistory refused)
            throws NetException {
        List<Listener> listeners = new ArrayList<>();
        try {
            if (settings.listenInherited()) {
                listeners.add(Listener.inherited(
                        TlsSecurity.ofServer(settings.parameters().tls())));
            }
            for (MigrationUri uri : settings.listen()) {
                listeners.add(Listener.open(
                        uri,
                        settings.maxConnections(),
                        TlsSecurity.ofServer(settings.parameters().tls())));
            }
        } catch (Throwable e) {
            listeners.forEach(Listener::close);
            throw e;
        }
        Server server = new Server(settings, store, migrations, refused);
        synchronized (server.listeners) {
            for (Listener listener : listeners) {
                server.listeners.add(new GuestListener(
                        listener, server.gathering, server.starter, server.refusals, server.sweeper::wake));
            }
        }
        return server;
    }

    /** Where it listens, with the real ports. */
    public List<MigrationUri> uris() {
        return listeners().stream().map(one -> one.listener().uri()).toList();
    }

    public ImageStore store() {
        return store;
    }

    public Migrations migrations() {
        return migrations;
    }

    /** How many connections are here that are not yet a migration's. */
    public int waitingConnections() {
        return gathering.waiting();
    }

    /** Who was refused last, and why. */
    public RefusalHistory refusalHistory() {
        return refused;
    }

    /** How many were refused, by reason. */
    public RefusalCounters refusalCounters() {
        return refusalCounters;
    }

    /** Somebody was refused: counts it, and says so, where that is not said too often. */
    void refuse(String reason, String host, String line) {
        refusals.say(reason, new RefusalLog.Refused(host, host, Optional.empty()), line);
    }

    private List<GuestListener> listeners() {
        synchronized (listeners) {
            return List.copyOf(listeners);
        }
    }

    private void expire(long sinceNanos) {
        listeners().forEach(one -> one.expire(sinceNanos));
        starter.act(gathering.expire(
                sinceNanos,
                "all connections of a guest must come within stall-timeout, set multifd and multifd-channels"
                        + " alike on both ends"));
    }

    /**
     * Sends an image of the store, as often at once as it is wanted: each migration reads the file for itself, and what
     * one has read the others find in the page cache.
     *
     * @param name the image's in the store, or its guest's uuid
     */
    public MigrationEntry migrate(String name, MigrationUri destination, MigrationParameters parameters)
            throws IOException {
        return migrate(
                new ImageQuery(name, Optional.empty()),
                destination,
                Optional.empty(),
                parameters,
                MigrationListener.NOBODY);
    }

    /**
     * The same with somebody who is told of all that happens, from the beginning on.
     *
     * @param guest its uuid, as the destination has it; empty: the image's
     */
    public MigrationEntry migrate(
            ImageQuery query,
            MigrationUri destination,
            Optional<UUID> guest,
            MigrationParameters parameters,
            MigrationListener listener)
            throws IOException {
        Loan loan = store.lend(query);
        Checkpoint image = null;
        try {
            image = loan.open(parameters);
            Optional<UUID> uuid = guest.or(() -> loan.image().guest());
            OutgoingMigration migration = OutgoingMigration.of(
                    image, destination, uuid, parameters, bandwidth.share(settings.weight(uuid), 0));
            migration.progress().stats().addListener(listener);
            MigrationSubject subject = new MigrationSubject(
                    Direction.OUTGOING,
                    uuid,
                    destination.toString(),
                    Optional.of(loan.image().location()));
            Checkpoint opened = image;
            return migrations.start(subject, migration, outcome -> release(opened, loan));
        } catch (Throwable e) {
            release(image, loan);
            throw e;
        }
    }

    /** A guest is waited for, which is not to hold up the server's end. */
    void expect(MigrationEntry entry) {
        expected.removeIf(one -> !isWaitedFor(one));
        expected.add(entry);
    }

    private static boolean isWaitedFor(MigrationEntry entry) {
        return entry.progress().status() == MigrationStatus.NONE;
    }

    /** What a guest that comes in may have of the host's bandwidth. */
    Throttle shareOf(Optional<UUID> guest) {
        return bandwidth.share(settings.weight(guest), settings.parameters().maxBandwidth());
    }

    private static void release(Checkpoint image, Loan loan) {
        try (loan) {
            if (image != null) {
                image.close();
            }
        } catch (IOException e) {
            LOG.warn(
                    "image must be let go of: image={} reason=\"{}\"",
                    loan.image().name(),
                    e.toString());
        }
    }

    /**
     * Reads the files of TLS again, for connections that come from now on.
     *
     * @throws NetException where they are missing or wrong; what was read before stays in use
     */
    public void reload() throws NetException {
        Security security = TlsSecurity.ofServer(settings.parameters().tls()); // once: for all of them, or for none
        listeners().forEach(one -> one.secureBy(security));
    }

    /**
     * Lets nobody in any more, and waits until those that are here have ended.
     *
     * @return false where some still run when the time is over
     */
    public boolean drain(Duration atMost) throws InterruptedException {
        stopListening();
        return migrations.awaitNone(atMost);
    }

    private void stopListening() {
        starter.refuseAtOnce();
        listeners().forEach(GuestListener::close);
        migrations.refuseNew();
        expected.stream().filter(Server::isWaitedFor).forEach(MigrationEntry::cancel);
        long now = System.nanoTime();
        listeners().forEach(one -> one.expire(now));
        starter.act(gathering.expire(now, "server must not be about to end"));
    }

    /** Lets nobody in any more, and cancels those that are here. */
    @Override
    public void close() {
        sweeper.close();
        stopListening();
        migrations.close();
    }
}
