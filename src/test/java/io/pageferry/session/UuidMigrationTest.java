package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.net.Listener;
import io.pageferry.testing.LeakFree;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which guest is said to be sent, and which is let in. */
@LeakFree
@Timeout(60)
class UuidMigrationTest {
    private static final UUID GUEST = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final UUID OTHER = UUID.fromString("00000000-0000-0000-0000-000000000001");

    @Test
    void shouldSayUuidInTheStreamWhenAskedTo() throws Exception {
        MigrationParameters parameters = MigrationParameters.builder()
                .enable(MigrationCapability.VALIDATE_UUID)
                .build();
        assertEquals(Optional.of(GUEST), said(parameters));
    }

    @Test
    void shouldSayUuidOnTheChannelsOnlyWhenNotAsked() throws Exception {
        assertEquals(Optional.empty(), said(MigrationParameters.defaults()));
    }

    private static Optional<UUID> said(MigrationParameters parameters) throws Exception {
        try (MemoryDestination destination = new MemoryDestination()) {
            MigrationOutcome received = migrate(destination, GUEST, parameters);
            assertTrue(received.completed(), () -> received.failure().toString());
            return destination.guest().configuration().uuid();
        }
    }

    @Test
    void shouldRefuseGuestWhenAnotherIsExpected() throws Exception {
        try (MemoryDestination destination = new MemoryDestination()) {
            String line = migrate(destination, OTHER, MigrationParameters.defaults())
                    .failure()
                    .orElseThrow()
                    .getMessage();
            assertTrue(line.startsWith("initial packet must be of this guest: "), line);
            // Where the source was quicker, more is said of what had been taken.
            assertTrue(line.contains("uuid=" + GUEST + " expected=" + OTHER), line);
        }
    }

    /** Without channels only the stream can say it. */
    @Test
    void shouldRefuseGuestThatDoesNotSayItsUuidWhenItIsExpected() throws Exception {
        MigrationParameters plain = MigrationParameters.builder()
                .disable(MigrationCapability.MULTIFD)
                .build();
        try (MemoryDestination destination = new MemoryDestination()) {
            MigrationOutcome outcome = migrate(destination, GUEST, plain);
            assertEquals(
                    "guest must say its uuid, set validate-uuid in the source: expected=" + GUEST,
                    outcome.failure().orElseThrow().getMessage());
        }
    }

    @Test
    void shouldTakeGuestWithoutChannelsWhenItSaysTheUuidThatIsExpected() throws Exception {
        MigrationParameters plain = MigrationParameters.builder()
                .disable(MigrationCapability.MULTIFD)
                .enable(MigrationCapability.VALIDATE_UUID)
                .build();
        assertEquals(Optional.of(GUEST), said(plain));
    }

    private static MigrationOutcome migrate(
            MemoryDestination destination, UUID expected, MigrationParameters parameters) throws Exception {
        Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 3);
        IncomingMigration incoming = IncomingMigration.from(listener, Optional.of(expected), parameters, destination);
        CompletableFuture<MigrationOutcome> received = new CompletableFuture<>();
        Thread receiving = Thread.ofVirtual().start(() -> received.complete(incoming.run()));
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(1 << 20, 0, 0.5, 0.5, 1))) {
            OutgoingMigration.of(new SyntheticOutgoingGuest(guest), listener.uri(), Optional.of(GUEST), parameters)
                    .run();
        }
        receiving.join();
        return received.get();
    }
}
