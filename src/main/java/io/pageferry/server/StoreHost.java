package io.pageferry.server;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.control.qmp.ImageList;
import io.pageferry.control.qmp.ImageSummary;
import io.pageferry.control.qmp.MigrationHost;
import io.pageferry.history.RefusalHistory;
import io.pageferry.image.Image;
import io.pageferry.metrics.MigrationListener;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.Migration;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject;
import io.pageferry.session.registry.MigrationSubject.Direction;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageQuery;
import io.pageferry.store.StoreDestination;
import io.pageferry.store.StoredImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What QMP clients of a server work on: its migrations, its store, its limits. For any thread. */
public final class StoreHost implements MigrationHost {
    private static final Logger LOG = LoggerFactory.getLogger(StoreHost.class);

    /** What {@code --tls-creds} is called over QMP. */
    public static final String CREDENTIALS = "tls0";

    private final Server server;
    private final MigrationParameters limits;

    /**
     * Makes a host.
     *
     * @param limits the server's parameters, of which no client can change {@code stall-timeout} and what is the most
     *     that a guest may have
     */
    public StoreHost(Server server, MigrationParameters limits) {
        this.server = server;
        this.limits = limits;
    }

    @Override
    public Migrations migrations() {
        return server.migrations();
    }

    @Override
    public MigrationParameters.Builder parameters() {
        return MigrationParameters.builder()
                .stallTimeout(limits.stallTimeout())
                .maxRam(limits.maxRam())
                .maxDeviceState(limits.maxDeviceState());
    }

    @Override
    public Map<String, TlsSettings> credentials() {
        return limits.tls().map(tls -> Map.of(CREDENTIALS, tls)).orElse(Map.of());
    }

    @Override
    public Arrival receive(
            MigrationUri source,
            Optional<String> image,
            Optional<UUID> wanted,
            MigrationParameters parameters,
            MigrationListener listener)
            throws IOException {
        StoreDestination destination = image.isPresent()
                ? server.store().receive(image.get(), wanted, parameters)
                : server.store().receive(wanted, Optional.empty(), parameters);
        try {
            Optional<UUID> guest = destination.guest();
            MigrationSubject subject = new MigrationSubject(
                    Direction.INCOMING, guest, source.toString(), Optional.of(destination.location()));
            if (source instanceof MigrationUri.ImageFile file) {
                Image saved = Image.open(file.path(), file.offset(), parameters.maxRam(), parameters.directIo());
                Migration migration = IncomingMigration.from(saved, parameters, destination);
                return new Arrival(start(subject, migration, listener, saved, destination), source);
            }
            Listener sockets =
                    Listener.open(source, parameters.multifdChannels() + 1, TlsSecurity.ofServer(parameters.tls()));
            Migration migration = IncomingMigration.from(
                    new ThrottledListener(sockets, server.shareOf(guest)), guest, parameters, destination);
            MigrationEntry entry = start(subject, migration, listener, sockets, destination);
            server.expect(entry);
            return new Arrival(entry, sockets.uri());
        } catch (Throwable e) {
            destination.close();
            throw e;
        }
    }

    private MigrationEntry start(
            MigrationSubject subject,
            Migration migration,
            MigrationListener listener,
            AutoCloseable origin,
            StoreDestination destination)
            throws IOException {
        migration.progress().stats().addListener(listener);
        try {
            // What it comes from is the migration's own to close.
            MigrationEntry entry =
                    migrations().start(subject, migration, _ -> closeQuietly(destination, destination.name()));
            destination.whenGuestIsKnown(known -> {
                known.guest().ifPresent(entry::guestIs);
                entry.imageIs(known.location());
            });
            return entry;
        } catch (Throwable e) {
            closeQuietly(origin, destination.name());
            throw e;
        }
    }

    private static void closeQuietly(AutoCloseable one, String image) {
        try {
            one.close();
        } catch (Exception e) {
            LOG.warn("image must be let go of: image={} reason=\"{}\"", image, e.toString());
        }
    }

    @Override
    public MigrationEntry send(
            String image,
            Optional<String> owner,
            MigrationUri destination,
            Optional<UUID> guest,
            MigrationParameters parameters,
            MigrationListener listener)
            throws IOException {
        return server.migrate(new ImageQuery(image, owner), destination, guest, parameters, listener);
    }

    @Override
    public void refuse(String reason, String from, String line) {
        server.refuse(reason, from, line);
    }

    @Override
    public RefusalHistory refused() {
        return server.refusalHistory();
    }

    @Override
    public String nameOf(String image) {
        String location = server.store().location();
        String prefix = location.endsWith("/") ? location : location + "/";
        return image.startsWith(prefix) ? image.substring(prefix.length()) : image;
    }

    @Override
    public void remove(String image) throws IOException {
        server.store().remove(image);
    }

    @Override
    public ImageList images() {
        return new ImageList() {
            @Override
            public List<ImageSummary> page(String after, int limit) {
                return server.store().list(after, limit).stream()
                        .map(StoreHost::summary)
                        .toList();
            }

            @Override
            public List<ImageSummary> newest(String text, int limit) {
                return server.store().newest(image -> summary(image).contains(text), limit).stream()
                        .map(StoreHost::summary)
                        .toList();
            }

            @Override
            public int count() {
                return server.store().count();
            }
        };
    }

    private static ImageSummary summary(StoredImage image) {
        return new ImageSummary(
                image.name(),
                image.bytes(),
                image.begun(),
                image.guest(),
                image.guestName(),
                image.owner(),
                image.machineType(),
                image.state().label());
    }
}
