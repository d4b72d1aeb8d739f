package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.testing.LeakFree;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole migrations with each method of compression, with nobody but ourselves. */
@LeakFree
@Timeout(120)
class CompressedMigrationTest {
    private static final long MIB = 1L << 20;

    /** Half of each page is random, and a third of the pages is zero; it writes while it is moved. */
    @ParameterizedTest(name = "{0}, level {1}, pages as they are {2}, channels {3}")
    @CsvSource({
        "ZLIB, 1, false, 2",
        "ZSTD, 1, false, 3",
        "QPL, 1, false, 2",
        "UADK, 1, false, 3",
        "UADK, 1, true, 2",
        "QATZIP, 1, false, 2",
        "QATZIP, 9, false, 1"
    })
    void shouldBringLiveGuestOverAsItWasWhenItStopped(
            MultifdCompression compression, int level, boolean uadkRaw, int channels) throws Exception {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(channels)
                .compression(compression)
                .qatzipLevel(level)
                .uadkRaw(uadkRaw)
                .downtimeLimit(Duration.ofSeconds(2))
                .build();
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(32 * MIB, 4 * MIB, 0.3, 0.5, 1));
                MemoryDestination destination = new MemoryDestination()) {
            guest.start();
            LoopbackMigration migration =
                    LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, parameters);
            MigrationOutcome sent = migration.sent();
            MigrationOutcome received = migration.received();
            assertTrue(sent.completed(), () -> sent.failure().toString());
            assertTrue(received.completed(), () -> received.failure().toString());
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
            MigrationStats stats = sent.progress().stats();
            assertTrue(stats.normalPages() > 0);
            assertEquals(stats.multifdBytes(), received.progress().stats().multifdBytes());
            boolean smaller = stats.multifdBytes() < stats.normalPages() * 4096 * 3 / 4;
            assertEquals(!uadkRaw, smaller, "multifd-bytes=" + stats.multifdBytes());
        }
    }
}
