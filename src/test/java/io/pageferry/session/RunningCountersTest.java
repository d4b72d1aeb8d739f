package io.pageferry.session;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Counters are there while a migration runs, and right when it has ended. */
@LeakFree
@Timeout(60)
class RunningCountersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void shouldCountWhilePagesAreOnTheirWay() throws Exception {
        MigrationParameters slow =
                MigrationParameters.builder().maxBandwidth(16L << 20).build();
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(64L << 20, 0, 0.1, 0, 1));
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration = LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, slow);
            try {
                for (MigrationProgress end : List.of(migration.sending(), migration.receiving())) {
                    MigrationStats stats = end.stats();
                    await().atMost(PATIENCE)
                            .until(() -> stats.packets() > 0
                                    && stats.packetNum() > 0
                                    && stats.normalPages() > 0
                                    && stats.duplicatePages() > 0
                                    && stats.multifdBytes() > 0
                                    && stats.precopyBytes() > 0);
                    assertEquals(MigrationStatus.ACTIVE, end.status());
                    assertEquals(0, stats.downtimeBytes());
                }
                assertTrue(migration.sending().stats().remainingBytes() > 0);
            } finally {
                migration.interruptSender();
                migration.sent();
            }
        }
    }

    @Test
    void shouldAddUpAtBothEndsWhenMigrationHasEnded() throws Exception {
        WatchedMigration migration = WatchedMigration.run(folder);
        MigrationStats sent = migration.sent().progress().stats();
        MigrationStats received = migration.received().progress().stats();
        assertEquals(sent.packets(), received.packets());
        assertEquals(sent.packets() - 1, sent.packetNum());
        assertEquals(sent.packetNum(), received.packetNum());
        assertEquals(sent.normalPages(), received.normalPages());
        assertEquals(sent.duplicatePages(), received.duplicatePages());
        assertEquals(sent.multifdBytes(), received.multifdBytes());
        assertEquals(sent.transferredBytes(), sent.precopyBytes() + sent.downtimeBytes());
        assertTrue(sent.downtimeBytes() > 0);
    }
}
