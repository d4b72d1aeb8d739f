package io.pageferry.qemu;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.net.Listener;
import io.pageferry.session.ImageDestination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Pageferry in this process: takes one migration in, into an image, on a thread of its own. Closing it cancels what still goes on. */
public final class Reception implements AutoCloseable {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    private final MigrationUri uri;
    private final CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();
    private final Thread thread;

    private Reception(MigrationUri uri, ImageDestination destination, IncomingMigration migration) {
        this.uri = uri;
        this.thread = Thread.ofVirtual().name("reception").start(() -> run(migration, destination));
    }

    private void run(IncomingMigration migration, ImageDestination destination) {
        try {
            MigrationOutcome ended;
            try (destination) {
                ended = migration.run();
            }
            outcome.complete(ended);
        } catch (IOException | RuntimeException e) {
            outcome.completeExceptionally(e);
        }
    }

    public static Reception start(Path image, MigrationParameters parameters) throws IOException {
        return start(ANY_PORT, image, parameters);
    }

    public static Reception start(MigrationUri listenAt, Path image, MigrationParameters parameters)
            throws IOException {
        ImageDestination destination = ImageDestination.create(image, 0, parameters);
        Listener listener = Listener.open(listenAt, parameters.multifdChannels() + 1);
        return new Reception(
                listener.uri(), destination, IncomingMigration.from(listener, null, parameters, destination));
    }

    /** Where it listens. */
    public MigrationUri uri() {
        return uri;
    }

    /** Waits for the end of the migration, which must be a good one. */
    public void awaitCompleted() throws Exception {
        try {
            requireCompleted(outcome.get(Eventually.DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            throw new AssertionError("reception must end: uri=" + uri, e);
        }
    }

    static void requireCompleted(MigrationOutcome outcome) {
        if (!outcome.completed()) {
            throw new AssertionError(
                    "migration must complete: status=" + outcome.status(),
                    outcome.failure().orElse(null));
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        outcome.exceptionally(failure -> null).join();
    }
}
