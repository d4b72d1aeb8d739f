package io.pageferry.session;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.testing.LeakFree;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of a migration while it runs: QEMU's {@code query-migrationthreads}. */
@LeakFree
@Timeout(60)
class MigrationThreadsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** So slow that it is still at it when it is looked at. */
    private static final MigrationParameters SLOW = MigrationParameters.builder()
            .multifdChannels(2)
            .maxBandwidth(1 << 20)
            .build();

    @Test
    void shouldListThreadsByRoleAndChannelWhileTheyRun() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(64L << 20, 0, 0, 0, 1));
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration = LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, SLOW);
            try {
                MigrationThreads threads = migration.sending().threads();
                List<String> expected = List.of("mig/src/main", "mig/src/return", "mig/src/send_0", "mig/src/send_1");
                await().atMost(PATIENCE).untilAsserted(() -> assertEquals(expected, names(threads)));
                assertEquals(
                        expected.size(),
                        threads.list().stream()
                                .mapToLong(MigrationThreads.Info::threadId)
                                .distinct()
                                .count());
            } finally {
                migration.interruptSender();
                migration.sent();
            }
            assertEquals(List.of(), names(migration.sending().threads()));
            List<String> left = names(migration.received().progress().threads());
            assertEquals(List.of(), left);
        }
    }

    @Test
    void shouldListReceivingThreadsByWhatTheyHaveTurnedOutToBe() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(64L << 20, 0, 0, 0, 1));
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration = LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, SLOW);
            try {
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertTrue(names(migration.receiving().threads())
                                        .containsAll(List.of("mig/dst/main", "mig/dst/recv_0", "mig/dst/recv_1"))));
            } finally {
                migration.interruptSender();
                migration.sent();
            }
        }
    }

    private static List<String> names(MigrationThreads threads) {
        return threads.list().stream().map(MigrationThreads.Info::name).toList();
    }
}
