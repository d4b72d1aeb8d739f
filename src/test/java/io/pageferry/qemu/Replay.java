package io.pageferry.qemu;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.PostcopySettings;
import io.pageferry.image.Image;
import io.pageferry.session.Migration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.session.OutgoingPostcopy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Pageferry in this process: sends an image, on a thread of its own. Closing it cancels what still goes on. */
public final class Replay implements AutoCloseable {
    private final BackgroundMigration migration;
    private final Migration stoppable;

    private Replay(BackgroundMigration migration, Migration stoppable) {
        this.migration = migration;
        this.stoppable = stoppable;
    }

    /**
     * Begins to send.
     *
     * @param uri where to, as {@link Qemu#migrateIncoming} says it
     */
    public static Replay start(Path image, String uri, MigrationParameters parameters) throws IOException {
        MigrationUri destination = MigrationUri.parse(uri);
        Image opened = Image.open(image, 0, parameters.maxRam(), false);
        return new Replay(uri, opened, OutgoingMigration.of(opened, destination, Optional.empty(), parameters));
    }

    /** Begins to send by postcopy, without multifd. */
    public static Replay startPostcopy(Path image, String uri, MigrationParameters parameters) throws IOException {
        return startPostcopy(image, uri, parameters, PostcopySettings.DEFAULTS);
    }

    /** The same, with settings of its own. */
    public static Replay startPostcopy(
            Path image, String uri, MigrationParameters parameters, PostcopySettings settings) throws IOException {
        OutgoingPostcopy outgoing = OutgoingPostcopy.of(
                () -> Image.open(image, 0, parameters.maxRam(), false),
                MigrationUri.parse(uri),
                Optional.empty(),
                parameters,
                settings);
        return new Replay(new BackgroundMigration("postcopy to " + uri, outgoing::run), outgoing);
    }

    private Replay(String uri, Image opened, Migration outgoing) {
        this(
                new BackgroundMigration("replay to " + uri, () -> {
                    try (opened) {
                        return outgoing.run();
                    }
                }),
                outgoing);
    }

    /** Sends an image, which must complete. */
    public static void send(Path image, String uri, MigrationParameters parameters) throws Exception {
        try (Replay replay = start(image, uri, parameters)) {
            replay.migration.awaitCompleted();
        }
    }

    /** How it goes. */
    public MigrationProgress progress() {
        return stoppable.progress();
    }

    /** Waits for it, which must complete. */
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
