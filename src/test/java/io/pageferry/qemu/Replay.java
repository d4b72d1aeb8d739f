package io.pageferry.qemu;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.session.OutgoingMigration;
import java.io.IOException;
import java.nio.file.Path;

/** Pageferry in this process: sends an image, on a thread of its own. Closing it cancels what still goes on. */
public final class Replay implements AutoCloseable {
    private final BackgroundMigration migration;

    private Replay(BackgroundMigration migration) {
        this.migration = migration;
    }

    /**
     * Begins to send.
     *
     * @param uri where to, as {@link Qemu#migrateIncoming} says it
     */
    public static Replay start(Path image, String uri, MigrationParameters parameters) throws IOException {
        MigrationUri destination = MigrationUri.parse(uri);
        Image opened = Image.open(image, 0, parameters.maxRam(), false);
        return new Replay(new BackgroundMigration("replay to " + uri, () -> {
            try (opened) {
                return OutgoingMigration.of(opened, destination, null, parameters)
                        .run();
            }
        }));
    }

    /** Sends an image, which must complete. */
    public static void send(Path image, String uri, MigrationParameters parameters) throws Exception {
        try (Replay replay = start(image, uri, parameters)) {
            replay.migration.awaitCompleted();
        }
    }

    /** Waits for the migration to fail; returns the one line that says why. */
    public String awaitFailed() throws Exception {
        return migration.awaitFailed();
    }

    @Override
    public void close() {
        migration.close();
    }
}
