package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.WireProperty;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a source shows of its dialect is kept with its image. */
@LeakFree
@Timeout(60)
class LearntDialectTest {
    private static final long MIB = 1L << 20;

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

    /** As an image's file is copied, its source goes with it. */
    @Test
    void shouldGoWithTheImageWhereThatIsCopied() throws Exception {
        Path image = receive(
                MigrationParameters.builder().flushAfterEachSection(true).build());
        Path copy = folder.resolve("copy");
        try (CheckpointDestination destination =
                        CheckpointDestination.of(PendingImage.at(copy, false), MigrationParameters.defaults());
                Image source = Image.open(image, 0, Long.MAX_VALUE, false)) {
            MigrationOutcome outcome = IncomingMigration.from(source, MigrationParameters.defaults(), destination)
                    .run();
            assertTrue(outcome.completed(), () -> outcome.failure().toString());
        }
        assertEquals(facts(image).dialect(), facts(copy).dialect());
    }

    @Test
    void shouldBeLeftAsideWhenTheFactsAreNotValid() throws Exception {
        Path image = receive(
                MigrationParameters.builder().flushAfterEachSection(true).build());
        Files.writeString(sidecar(image), "{\"version\": 1, \"dialect\": {\"multifd-flush-after-each-section\": 1}}");
        try (Image opened = Image.open(image, 0, Long.MAX_VALUE, false)) {
            assertEquals(Dialect.UNKNOWN, LearntDialect.of(opened));
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
