package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TlsSettings;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.net.Listener;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code zero-copy-send}, over loopback: there the kernel copies after all, which is counted. */
@LeakFree
@Timeout(60)
class ZeroCopyMigrationTest {
    private static final int CHANNELS = 3;

    @TempDir
    Path folder;

    @Test
    void shouldBringEveryPageWhenGuestIsInMemory() throws Exception {
        try (SyntheticGuest guest = guest();
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration = LoopbackMigration.start(
                    new SyntheticOutgoingGuest(guest), destination, zeroCopy().build());
            assertTrue(migration.received().completed());
            requireAllCopied(migration.sent());
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
        }
    }

    @Test
    void shouldBringEveryPageWhenGuestIsInAnImage() throws Exception {
        Path path = folder.resolve("image");
        MigrationParameters parameters = zeroCopy().build();
        try (SyntheticGuest guest = guest();
                MemoryDestination destination = new MemoryDestination()) {
            OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            new MigrationUri.ImageFile(path, 0),
                            Optional.empty(),
                            MigrationParameters.defaults())
                    .run();
            try (Image image = Image.open(path, 0, parameters.maxRam(), false);
                    Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), CHANNELS + 1)) {
                IncomingMigration incoming =
                        IncomingMigration.from(listener, Optional.empty(), parameters, destination);
                CompletableFuture<MigrationOutcome> received = CompletableFuture.supplyAsync(incoming::run);
                requireAllCopied(OutgoingMigration.of(image, listener.uri(), Optional.empty(), parameters)
                        .run());
                assertTrue(received.get().completed());
            }
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
        }
    }

    @Test
    void shouldBeRefusedInQemusWordsWhenPagesAreCompressed() {
        assertEquals(
                "Zero copy only available for non-compressed non-TLS multifd migration: multifd-compression=zlib"
                        + " tls-creds=none",
                refusal(zeroCopy().compression(MultifdCompression.ZLIB)));
    }

    @Test
    void shouldBeRefusedInQemusWordsWhenThereIsTls() {
        assertEquals(
                "Zero copy only available for non-compressed non-TLS multifd migration: multifd-compression=none"
                        + " tls-creds=set",
                refusal(zeroCopy().tls(TlsSettings.of(folder))));
    }

    @Test
    void shouldBeRefusedWhenDestinationIsNotOverTcp() {
        MigrationUri unix = new MigrationUri.Unix(folder.resolve("socket"));
        try (SyntheticGuest guest = guest()) {
            ConfigException refusal = assertThrows(
                    ConfigException.class,
                    () -> OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            unix,
                            Optional.empty(),
                            zeroCopy().build()));
            assertEquals("zero-copy-send must go over TCP: uri=" + unix, refusal.getMessage());
        }
    }

    private static void requireAllCopied(MigrationOutcome sent) {
        assertTrue(sent.completed(), () -> sent.failure().toString());
        long missed = sent.progress().stats().dirtySyncMissedZeroCopy.sum();
        assertTrue(missed >= CHANNELS, "each channel's sync must have found everything copied: missed=" + missed);
    }

    private static String refusal(MigrationParameters.Builder parameters) {
        return assertThrows(ConfigException.class, parameters::build).getMessage();
    }

    private static MigrationParameters.Builder zeroCopy() {
        return MigrationParameters.builder().multifdChannels(CHANNELS).enable(MigrationCapability.ZERO_COPY_SEND);
    }

    private static SyntheticGuest guest() {
        return new SyntheticGuest(new GuestShape(48L << 20, 0, 0.2, 0.5, 7));
    }
}
