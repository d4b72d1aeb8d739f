package io.pageferry.qemu;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.PendingImage;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Pageferry in this process: takes one migration in, into an image, on a thread of its own. Closing it cancels what
 * still goes on.
 */
public final class Reception implements AutoCloseable {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    private final MigrationUri uri;
    private final BackgroundMigration migration;
    private final IncomingMigration stoppable;

    private Reception(MigrationUri uri, BackgroundMigration migration, IncomingMigration stoppable) {
        this.uri = uri;
        this.migration = migration;
        this.stoppable = stoppable;
    }

    /** Begins to listen at any free port. */
    public static Reception start(Path image, MigrationParameters parameters) throws IOException {
        return start(ANY_PORT, image, parameters);
    }

    /** Begins to listen there; port 0 is any free one. */
    static Reception start(MigrationUri where, Path image, MigrationParameters parameters) throws IOException {
        CheckpointDestination destination =
                CheckpointDestination.of(PendingImage.at(image, parameters.directIo()), parameters);
        Listener listener =
                Listener.open(where, parameters.multifdChannels() + 1, TlsSecurity.ofServer(parameters.tls()));
        IncomingMigration incoming = IncomingMigration.from(listener, Optional.empty(), parameters, destination);
        return new Reception(
                listener.uri(),
                new BackgroundMigration("reception at " + listener.uri(), () -> {
                    try (destination) {
                        return incoming.run();
                    }
                }),
                incoming);
    }

    /** Takes a QEMU's running guest: in one go, with time enough for all that it dirties. */
    public static void take(Qemu source, Path image, MigrationParameters parameters) throws Exception {
        try (Reception reception = start(image, parameters)) {
            source.enable("multifd").set("multifd-channels", parameters.multifdChannels());
            source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate(reception.uri());
            reception.awaitCompleted();
            source.awaitMigration("completed");
        }
    }

    MigrationStatus status() {
        return stoppable.progress().status();
    }

    /** Where it listens. */
    public MigrationUri uri() {
        return uri;
    }

    /** Waits for the end of the migration, which must be a good one. */
    public void awaitCompleted() throws Exception {
        migration.awaitCompleted();
    }

    /** Waits for the migration to fail; returns the one line that says why. */
    public String awaitFailed() throws Exception {
        return migration.awaitFailed();
    }

    /** Ends it, and waits until that is done. */
    MigrationOutcome stop(Stop how) throws Exception {
        return migration.stop(stoppable, how);
    }

    @Override
    public void close() {
        migration.close();
    }
}
