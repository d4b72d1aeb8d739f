package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.metrics.MigrationStats;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class MigrationStatusTest {
    private final MigrationProgress progress = new MigrationProgress(new MigrationStats(1));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NONE | SETUP CANCELLING FAILED",
                "SETUP | ACTIVE POSTCOPY_RECOVER CANCELLING FAILED",
                "ACTIVE | PRE_SWITCHOVER DEVICE COMPLETED CANCELLING FAILED",
                "PRE_SWITCHOVER | ACTIVE DEVICE COMPLETED CANCELLING FAILED",
                "DEVICE | POSTCOPY_ACTIVE COMPLETED CANCELLING FAILED",
                "POSTCOPY_ACTIVE | POSTCOPY_PAUSED COMPLETED CANCELLING FAILED",
                "POSTCOPY_PAUSED | POSTCOPY_RECOVER CANCELLING FAILED",
                "POSTCOPY_RECOVER | POSTCOPY_ACTIVE POSTCOPY_PAUSED CANCELLING FAILED",
                "COMPLETED | ''",
                "FAILED | ''",
                "CANCELLING | CANCELLED",
                "CANCELLED | ''"
            })
    void shouldMoveAlongTheTableOnly(MigrationStatus from, String allowed) {
        Set<MigrationStatus> expected = allowed.isEmpty()
                ? EnumSet.noneOf(MigrationStatus.class)
                : Arrays.stream(allowed.split(" "))
                        .map(MigrationStatus::valueOf)
                        .collect(Collectors.toSet());
        for (MigrationStatus to : MigrationStatus.values()) {
            assertEquals(expected.contains(to), from.canBecome(to), from + " to " + to);
        }
        assertEquals(expected.isEmpty(), from.isFinal());
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveTheNameThatQemuGivesIt(MigrationStatus status) {
        assertEquals(
                status,
                MigrationStatus.valueOf(
                        status.qemuName().toUpperCase(java.util.Locale.ROOT).replace('-', '_')));
        assertTrue(status.qemuName().matches("[a-z]+(-[a-z]+)*"));
    }

    @Test
    void shouldRefuseMoveThatTheTableDoesNotHave() {
        assertEquals(
                "state must move along its table: from=NONE to=ACTIVE",
                assertThrows(IllegalStateException.class, () -> progress.become(MigrationStatus.ACTIVE))
                        .getMessage());
        assertEquals(MigrationStatus.NONE, progress.status());
    }

    @Test
    void shouldHaveNoTimesBeforeItBegins() {
        assertEquals(0, progress.totalNanos());
        assertEquals(0, progress.setupTimeNanos());
        assertEquals(0, progress.activeTimeNanos());
        assertEquals(0, progress.downtimeNanos());
    }

    @Test
    void shouldCountTimesFromTheStatesThatBeginThem() {
        progress.become(MigrationStatus.SETUP);
        assertEquals(0, progress.setupTimeNanos());
        progress.become(MigrationStatus.ACTIVE);
        assertEquals(0, progress.downtimeNanos());
        progress.become(MigrationStatus.DEVICE);
        progress.become(MigrationStatus.COMPLETED);
        assertTrue(progress.totalNanos() > 0);
        assertTrue(progress.downtimeNanos() <= progress.activeTimeNanos());
        assertEquals(progress.totalNanos(), progress.setupTimeNanos() + progress.activeTimeNanos());
    }

    @ParameterizedTest
    @EnumSource(names = {"COMPLETED", "FAILED", "CANCELLED"})
    void shouldStopItsTimesWhenItEnds(MigrationStatus end) {
        progress.become(MigrationStatus.SETUP);
        progress.become(MigrationStatus.ACTIVE);
        if (end == MigrationStatus.CANCELLED) {
            progress.become(MigrationStatus.CANCELLING);
        }
        progress.become(end);
        long total = progress.totalNanos();
        long later = System.nanoTime() + 1_000;
        while (System.nanoTime() < later) {
            Thread.onSpinWait();
        }
        assertEquals(total, progress.totalNanos());
    }
}
