package io.pageferry.session;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.metrics.MigrationListener;
import io.pageferry.net.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Starts migrations into images and out of them, in a registry, each with everything that it needs and lets go of in its end. For any thread. */
public final class ImageMigrations {
    private final Migrations registry;

    /**
     * One that comes in.
     *
     * @param uri where it is waited for, with the real port
     */
    public record Arrival(MigrationEntry entry, MigrationUri uri) {}

    public ImageMigrations(Migrations registry) {
        this.registry = registry;
    }

    /**
     * Waits for a guest, and writes it into an image.
     *
     * @param guest the only one that is welcome; empty: any
     * @param listener is told of everything from the beginning on
     * @throws IOException where the image cannot be written, the address not listened at, or there are too many migrations; nothing has begun then
     */
    public Arrival receive(
            MigrationUri source,
            Path image,
            Optional<UUID> guest,
            MigrationParameters parameters,
            MigrationListener listener)
            throws IOException {
        ImageDestination destination = ImageDestination.create(image, 0, parameters);
        try {
            MigrationSubject subject = new MigrationSubject(
                    MigrationSubject.Direction.INCOMING, guest, source.toString(), Optional.of(image));
            if (source instanceof MigrationUri.ImageFile file) {
                Image saved = Image.open(file.path(), file.offset(), parameters.maxRam(), parameters.directIo());
                IncomingMigration migration = IncomingMigration.from(saved, parameters, destination);
                return new Arrival(start(subject, migration, listener, saved, destination), source);
            }
            Listener sockets = Listener.open(source, parameters.multifdChannels() + 1, parameters.tls());
            IncomingMigration migration = IncomingMigration.from(sockets, guest.orElse(null), parameters, destination);
            return new Arrival(start(subject, migration, listener, sockets, destination), sockets.uri());
        } catch (IOException | RuntimeException e) {
            destination.close();
            throw e;
        }
    }

    /**
     * Sends an image.
     *
     * @param guest its uuid, as the destination has it; empty: the one that the image has, if any
     * @param listener is told of everything from the beginning on
     * @throws IOException where the image cannot be read, or there are too many migrations; nothing has begun then
     */
    public MigrationEntry send(
            Path image,
            MigrationUri destination,
            Optional<UUID> guest,
            MigrationParameters parameters,
            MigrationListener listener)
            throws IOException {
        Image opened = Image.open(image, 0, parameters.maxRam(), parameters.directIo());
        MigrationSubject subject = new MigrationSubject(
                MigrationSubject.Direction.OUTGOING,
                guest.or(() -> opened.configuration().uuid()),
                destination.toString(),
                Optional.of(image));
        return start(
                subject, OutgoingMigration.of(opened, destination, guest.orElse(null), parameters), listener, opened);
    }

    /** Starts it; what it has is closed in its end, and at once where it does not begin. */
    private MigrationEntry start(
            MigrationSubject subject, Migration migration, MigrationListener listener, AutoCloseable... belongings)
            throws IOException {
        migration.progress().stats().tell(listener);
        try {
            return registry.start(subject, migration, _ -> closeAll(belongings));
        } catch (SessionException e) {
            closeAll(belongings);
            throw e;
        }
    }

    private static void closeAll(AutoCloseable... belongings) {
        for (AutoCloseable one : belongings) {
            try {
                one.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
