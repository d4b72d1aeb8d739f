package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.net.Listener;
import io.pageferry.session.ImageDestination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A migration into an image whose file was there before, on a thread of its own. */
final class Intake implements AutoCloseable {
    /** Far less than the stall-timeout where a test does not set one: what ends sooner was not ended by that. */
    private static final long DEADLINE_SECONDS = 10;

    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final String OLD = "an image that was there before";

    private final Path folder;
    private final Path image;
    private final Listener listener;
    private final ImageDestination destination;
    private final IncomingMigration migration;
    private final Thread thread;
    private final CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();

    private Intake(Path folder, MigrationParameters parameters) throws IOException {
        this.folder = folder;
        image = folder.resolve("image");
        Files.writeString(image, OLD);
        destination = ImageDestination.create(image, 0, parameters);
        listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 16);
        migration = IncomingMigration.from(listener, null, parameters, destination);
        thread = Thread.ofPlatform().name("intake").start(() -> {
            try (destination) {
                outcome.complete(migration.run());
            } catch (IOException e) {
                outcome.completeExceptionally(e);
            }
        });
    }

    static Intake start(Path folder) throws IOException {
        return start(folder, PATIENT);
    }

    static Intake start(Path folder, Duration stallTimeout) throws IOException {
        return new Intake(
                folder,
                MigrationParameters.builder()
                        .multifdChannels(Source.CHANNELS)
                        .maxRam(1 << 20)
                        .stallTimeout(stallTimeout)
                        .build());
    }

    MigrationUri uri() {
        return listener.uri();
    }

    Path image() {
        return image;
    }

    IncomingMigration migration() {
        return migration;
    }

    void interrupt() {
        thread.interrupt();
    }

    MigrationOutcome awaitEnd() throws InterruptedException, ExecutionException, TimeoutException {
        MigrationOutcome ended = outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        thread.join();
        return ended;
    }

    /** Waits for the failure, and checks that nothing is left of the migration; returns the one line that says why. */
    String awaitFailure() throws Exception {
        MigrationOutcome ended = awaitEnd();
        assertEquals(MigrationStatus.FAILED, ended.status());
        requireUntouched();
        Throwable failure = ended.failure().orElseThrow();
        if (!(failure instanceof IOException)) {
            throw new AssertionError("a peer must not cause a fault of ours", failure);
        }
        assertNotNull(failure.getMessage());
        assertEquals(1, failure.getMessage().lines().count(), failure.getMessage());
        return failure.getMessage();
    }

    /** The image of before is there, and nothing else. */
    void requireUntouched() throws IOException {
        assertEquals(OLD, Files.readString(image));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(image), files.toList());
        }
    }

    /** Cancels what still goes on. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
