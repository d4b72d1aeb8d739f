package io.pageferry.hostile;

import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.LeakFree;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A destination that there is no getting through to: its backlog is full, so that the kernel lets whoever connects
 * wait.
 */
@LeakFree
@Timeout(60)
class UnreachableDestinationTest {
    private static final Duration STALL = Duration.ofMillis(500);
    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final long DEADLINE_SECONDS = 10;

    @Test
    void shouldEndAtDeadlineWhenMainChannelIsNotConnected() throws Exception {
        try (FullListener listener = new FullListener(0)) {
            requireMatch(
                    "peer must not be silent for longer than stall-timeout: main channel awaited=\"connection to"
                            + " tcp:*\" *",
                    failure(listener.uri()));
        }
    }

    @Test
    void shouldEndAtDeadlineWhenAChannelIsNotConnected() throws Exception {
        try (FullListener listener = new FullListener(1)) {
            requireMatch(
                    "peer must not be silent for longer than stall-timeout: channel=* awaited=\"connection to tcp:*\""
                            + " *",
                    failure(listener.uri()));
        }
    }

    @Test
    void shouldBeCancelledWhenInterruptedWhileItConnects() throws Exception {
        try (FullListener listener = new FullListener(0);
                SyntheticGuest guest = guest()) {
            OutgoingMigration migration = migration(guest, listener.uri(), PATIENT);
            CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();
            Thread runner = Thread.ofPlatform().start(() -> outcome.complete(migration.run()));
            Awaitility.await().until(() -> migration.progress().status() == MigrationStatus.SETUP);
            runner.interrupt();
            assertEquals(
                    MigrationStatus.CANCELLED,
                    outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS).status());
            runner.join();
        }
    }

    private static String failure(MigrationUri destination) {
        try (SyntheticGuest guest = guest()) {
            MigrationOutcome outcome = migration(guest, destination, STALL).run();
            assertEquals(MigrationStatus.FAILED, outcome.status());
            return outcome.failure().orElseThrow().getMessage();
        }
    }

    private static SyntheticGuest guest() {
        return new SyntheticGuest(new GuestShape(1 << 20, 0, 0, 0, 1));
    }

    private static OutgoingMigration migration(SyntheticGuest guest, MigrationUri destination, Duration stall) {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(2)
                .stallTimeout(stall)
                .build();
        return OutgoingMigration.of(new SyntheticOutgoingGuest(guest), destination, Optional.empty(), parameters);
    }
}
