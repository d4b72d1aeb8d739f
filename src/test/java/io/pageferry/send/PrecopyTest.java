package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.PrecopyStatus;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rounds as numbers: time is what the test says. A link of 1000 MiB/s, and a limit of 100 ms. */
@Timeout(30)
class PrecopyTest {
    private static final long MIB = 1L << 20;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MigrationStats stats = new MigrationStats(1);
    private final Precopy precopy = new Precopy(Duration.ofMillis(100), stats);

    @ParameterizedTest
    @CsvSource({"0, true", "50, true", "100, true", "101, false", "1000, false"})
    void shouldSwitchOverWhenTheRestTakesNoLongerThanTheLimit(long remainingMib, boolean switchOver) throws Exception {
        assertEquals(switchOver, precopy.canSwitchOver(2000 * MIB, 1000 * MIB, SECOND, remainingMib * MIB));
    }

    @Test
    void shouldSwitchOverWhenNothingIsLeftAndNoDowntimeIsAllowed() throws Exception {
        Precopy strict = new Precopy(Duration.ZERO, stats);
        assertFalse(strict.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 4096));
        assertTrue(strict.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 0));
    }

    @Test
    void shouldSayWhereItStands() throws Exception {
        precopy.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 500 * MIB);
        precopy.canSwitchOver(500 * MIB, 500 * MIB, SECOND / 2, 250 * MIB);
        PrecopyStatus status = stats.precopy();
        assertEquals(2, status.round());
        assertEquals(250 * MIB, status.remainingBytes());
        assertEquals(1000.0 * MIB, status.bandwidth(), 1);
        assertEquals(500.0 * MIB, status.dirtyRate(), 1);
        assertEquals(SECOND / 4, status.expectedDowntimeNanos());
        assertTrue(status.converges());
    }

    /**
     * A round of a few pages takes as long as its syncs do; at its "bandwidth" the rest would seem to take for ever.
     */
    @Test
    void shouldKeepTheBandwidthWhenARoundIsTooShortToTell() throws Exception {
        precopy.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 200 * MIB);
        precopy.canSwitchOver(200 * MIB, MIB, SECOND, 200 * MIB);
        assertEquals(1000.0 * MIB, stats.precopy().bandwidth(), 1);
    }

    @Test
    void shouldTakeAShortRoundsBandwidthWhenItIsTheFirst() throws Exception {
        assertTrue(precopy.canSwitchOver(MIB, MIB, SECOND / 1000, MIB));
        assertEquals(1000.0 * MIB, stats.precopy().bandwidth(), MIB);
    }

    @Test
    void shouldSaySoWhenThreeRoundsHaveGainedNothing() throws Exception {
        for (int round = 1; round <= 3; round++) {
            assertFalse(precopy.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 960 * MIB));
            assertEquals(round < 3, stats.precopy().converges(), "round=" + round);
        }
    }

    @Test
    void shouldGiveUpWhenSixRoundsHaveGainedNothing() throws Exception {
        precopy.canSwitchOver(4000 * MIB, 4000 * MIB, 4 * SECOND, 1000 * MIB);
        for (int round = 2; round <= 6; round++) {
            assertFalse(precopy.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 1000 * MIB));
        }
        assertEquals(
                "guest must dirty less than is sent, it will not converge: rounds=7 dirty-rate=1000 MiB/s"
                        + " bandwidth=1000 MiB/s expected-downtime=1.00 s downtime-limit=100 ms",
                assertThrows(
                                SendException.class,
                                () -> precopy.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 1000 * MIB))
                        .getMessage());
    }

    @Test
    void shouldBeginToCountAgainWhenARoundHasGainedSomething() throws Exception {
        for (int burst = 0; burst < 4; burst++) {
            for (int round = 0; round < 5; round++) {
                precopy.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 1000 * MIB);
            }
            precopy.canSwitchOver(1000 * MIB, 1000 * MIB, SECOND, 900 * MIB);
            assertTrue(stats.precopy().converges());
        }
    }

    /**
     * Most of what this guest dirties is zero, and goes as zero pages: few bytes, but each round has half the pages of
     * the last.
     */
    @Test
    void shouldNotGiveUpWhenRoundsShrinkThoughTheySendFewBytes() throws Exception {
        Precopy strict = new Precopy(Duration.ZERO, stats);
        long round = 64L << 30;
        for (int i = 0; i < 20; i++) {
            assertFalse(strict.canSwitchOver(round, round / 100, SECOND, round / 2));
            assertTrue(stats.precopy().converges(), "round=" + (i + 1));
            round /= 2;
        }
    }

    /** And this one dirties what compresses badly, or overhead is high: many bytes, and never fewer pages. */
    @Test
    void shouldGiveUpWhenRoundsDoNotShrinkThoughTheySendManyBytes() throws Exception {
        for (int round = 1; round < 6; round++) {
            assertFalse(precopy.canSwitchOver(1000 * MIB, 1100 * MIB, SECOND, 1000 * MIB));
        }
        assertThrows(SendException.class, () -> precopy.canSwitchOver(1000 * MIB, 1100 * MIB, SECOND, 1000 * MIB));
    }
}
