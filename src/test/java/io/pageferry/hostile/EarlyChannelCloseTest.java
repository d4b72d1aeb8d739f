package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A destination that has let go of its channels when it says that it has the guest: it has it. */
@LeakFree
@Timeout(60)
class EarlyChannelCloseTest {
    private static final int CHANNELS = 2;

    @ParameterizedTest
    @EnumSource(names = {"CLOSE", "RESET"})
    void shouldCompleteWhenDestinationHasTheGuestAfterItsChannelsHaveEnded(Peer.Then how) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .stallTimeout(Duration.ofSeconds(60))
                .build();
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(1 << 20, 0, 0, 0, 1));
                Destination destination = Destination.start((number, connection) -> {
                    if (number == 0) {
                        Destination.keepUntil(ended);
                        Destination.write(connection, SpoiltDestinationTest.shut(0));
                    }
                    Destination.readAll(connection);
                })) {
            OutgoingMigration migration = OutgoingMigration.of(
                    new SyntheticOutgoingGuest(guest), destination.uri(), Optional.empty(), parameters);
            FutureTask<MigrationOutcome> sending = new FutureTask<>(migration::run);
            Thread.ofVirtual().start(sending);
            Eventually.until("all sent", () -> SendingScene.hasSentAll(migration.progress()));
            for (int channel = 1; channel <= CHANNELS; channel++) {
                destination.end(channel, how);
            }
            ended.countDown();
            MigrationOutcome outcome = sending.get();
            assertTrue(outcome.completed(), () -> outcome.failure().toString());
        }
    }
}
