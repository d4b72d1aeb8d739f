package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.PendingImage;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.Destination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A migration into an image whose file was there before, on a thread of its own. */
final class Intake implements AutoCloseable {
    /** Far less than the stall-timeout where a test does not set one: what ends sooner was not ended by that. */
    private static final long DEADLINE_SECONDS = 10;

    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);
    private static final String OLD = "an image that was there before";

    private final Path folder;
    private final Path image;
    private final Listener listener;
    private final IncomingMigration migration;
    private final Thread thread;
    private final CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();

    private Intake(
            Path folder, MigrationUri uri, MigrationParameters parameters, UnaryOperator<Destination> disturbance)
            throws IOException {
        this.folder = folder;
        image = folder.resolve("image");
        Files.writeString(image, OLD);
        Destination destination =
                disturbance.apply(CheckpointDestination.of(PendingImage.at(image, parameters.directIo()), parameters));
        listener = Listener.open(uri, 16, TlsSecurity.ofServer(parameters.tls()));
        migration = IncomingMigration.from(listener, Optional.empty(), parameters, destination);
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
        return start(folder, parameters -> parameters.stallTimeout(stallTimeout));
    }

    static Intake start(Path folder, Consumer<MigrationParameters.Builder> settings) throws IOException {
        return start(folder, ANY_PORT, settings);
    }

    static Intake start(Path folder, MigrationUri uri, Consumer<MigrationParameters.Builder> settings)
            throws IOException {
        return start(folder, uri, settings, UnaryOperator.identity());
    }

    /** One whose image is kept by somebody who has troubles of his own. */
    static Intake startDisturbed(Path folder, UnaryOperator<Destination> disturbance) throws IOException {
        return startDisturbed(folder, parameters -> {}, disturbance);
    }

    static Intake startDisturbed(
            Path folder, Consumer<MigrationParameters.Builder> settings, UnaryOperator<Destination> disturbance)
            throws IOException {
        return start(folder, ANY_PORT, settings.andThen(builder -> builder.maxRam(Recording.GUEST_BYTES)), disturbance);
    }

    static Intake start(
            Path folder,
            MigrationUri uri,
            Consumer<MigrationParameters.Builder> settings,
            UnaryOperator<Destination> disturbance)
            throws IOException {
        MigrationParameters.Builder parameters = MigrationParameters.builder()
                .multifdChannels(Source.CHANNELS)
                .maxRam(1 << 20)
                .maxDeviceState(1 << 20)
                .stallTimeout(PATIENT);
        settings.accept(parameters);
        return new Intake(folder, uri, parameters.build(), disturbance);
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

    /** The one that runs the migration. */
    Thread thread() {
        return thread;
    }

    void interrupt() {
        thread.interrupt();
    }

    /** There once the migration has ended. */
    CompletableFuture<MigrationOutcome> outcome() {
        return outcome;
    }

    MigrationOutcome awaitEnd() throws InterruptedException, ExecutionException, TimeoutException {
        MigrationOutcome ended = outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        thread.join();
        return ended;
    }

    /**
     * Waits for the failure, and checks that nothing is left of the migration; returns the one line that says why, and
     * not who has the guest.
     */
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
        return HandOver.cut(failure.getMessage());
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
