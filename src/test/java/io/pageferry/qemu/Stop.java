package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;

/** How a migration of this process is ended from outside. */
enum Stop {
    CANCEL(MigrationStatus.CANCELLED),
    YANK(MigrationStatus.FAILED),
    INTERRUPT(MigrationStatus.CANCELLED);

    private final MigrationStatus end;

    Stop(MigrationStatus end) {
        this.end = end;
    }

    void requireEnd(MigrationOutcome outcome) {
        assertEquals(end, outcome.status());
        assertEquals(
                this == YANK ? "migration must be left to go on: yanked=true" : "",
                outcome.failure().map(Throwable::getMessage).orElse(""));
    }
}
