package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.net.Listener;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.WireProperty;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a source shows of its dialect is kept with its image. */
@LeakFree
@Timeout(60)
class LearntFactsTest {
    private static final long MIB = 1L << 20;
    private static final UUID GUEST = UUID.fromString("2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBeKeptWithTheImage(boolean flushAfterEachSection) throws Exception {
        Path image = receive(MigrationParameters.builder()
                .flushAfterEachSection(flushAfterEachSection)
                .build());
        assertEquals(
                Dialect.UNKNOWN.with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, flushAfterEachSection),
                facts(image).dialect());
    }

    /** As an image's file is copied, what is known of it goes with it. */
    @Test
    void shouldGoWithTheImageWhereThatIsTakenIn() throws Exception {
        Path image = receiveKnown();
        Path copy = folder.resolve("copy");
        try (CheckpointDestination destination =
                        CheckpointDestination.of(PendingImage.at(copy, false), MigrationParameters.defaults());
                Image source = Image.open(image, 0, Long.MAX_VALUE, false)) {
            requireCompleted(IncomingMigration.from(source, MigrationParameters.defaults(), destination)
                    .run());
        }
        requireSame(image, copy);
    }

    @Test
    void shouldGoWithTheImageWhereThatIsSentToAFile() throws Exception {
        Path image = receiveKnown();
        Path copy = folder.resolve("copy");
        try (Image source = Image.open(image, 0, Long.MAX_VALUE, false)) {
            requireCompleted(send(source, new MigrationUri.ImageFile(copy, 0)));
        }
        requireSame(image, copy);
    }

    /** A destination that is a QEMU takes no other guest's channels. */
    @Test
    void shouldSayTheUuidThatIsKeptWithTheImage() throws Exception {
        Path image = receiveKnown();
        MigrationParameters parameters = MigrationParameters.defaults();
        Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), parameters.multifdChannels() + 1);
        try (MemoryDestination destination = new MemoryDestination();
                Image source = Image.open(image, 0, Long.MAX_VALUE, false)) {
            IncomingMigration incoming = IncomingMigration.from(listener, Optional.of(GUEST), parameters, destination);
            CompletableFuture<MigrationOutcome> received = new CompletableFuture<>();
            Thread receiving = Thread.ofVirtual().start(() -> received.complete(incoming.run()));
            requireCompleted(send(source, listener.uri()));
            receiving.join();
            requireCompleted(received.get());
        }
    }

    private static MigrationOutcome send(Image image, MigrationUri destination) throws Exception {
        return OutgoingMigration.of(image, destination, Optional.empty(), MigrationParameters.defaults())
                .run();
    }

    private static void requireCompleted(MigrationOutcome outcome) {
        assertTrue(outcome.completed(), () -> outcome.failure().toString());
    }

    private static void requireSame(Path image, Path copy) throws Exception {
        assertEquals(facts(image).dialect(), facts(copy).dialect());
        assertEquals(Optional.of(GUEST), facts(copy).guest());
    }

    /** One of which there is something to be known. */
    private Path receiveKnown() throws Exception {
        Path image = receive(
                MigrationParameters.builder().flushAfterEachSection(true).build());
        CheckpointFacts known = CheckpointFacts.of(Optional.of(GUEST), Optional.empty())
                .withDialect(facts(image).dialect());
        Files.write(sidecar(image), known.toJson());
        return image;
    }

    @Test
    void shouldBeLeftAsideWhenTheFactsAreNotValid() throws Exception {
        Path image = receive(
                MigrationParameters.builder().flushAfterEachSection(true).build());
        Files.writeString(sidecar(image), "{\"version\": 1, \"dialect\": {\"multifd-flush-after-each-section\": 1}}");
        try (Image opened = Image.open(image, 0, Long.MAX_VALUE, false)) {
            assertEquals(CheckpointFacts.NONE, LearntFacts.of(opened));
        }
    }

    private Path receive(MigrationParameters parameters) throws Exception {
        Path image = folder.resolve("image");
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(32 * MIB, 0, 0.3, 0.5, 1));
                CheckpointDestination destination =
                        CheckpointDestination.of(PendingImage.at(image, false), parameters)) {
            LoopbackMigration migration =
                    LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, parameters);
            MigrationOutcome received = migration.received();
            assertTrue(received.completed(), () -> received.failure().toString());
        }
        return image;
    }

    private static CheckpointFacts facts(Path image) throws Exception {
        try (Image opened = Image.open(image, 0, Long.MAX_VALUE, false)) {
            return opened.facts();
        }
    }

    private static Path sidecar(Path image) {
        return image.resolveSibling(image.getFileName() + ".json");
    }
}
