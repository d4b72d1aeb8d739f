package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a migration's end becomes an outcome, whatever the migration is. */
@Timeout(30)
class MigrationTest {
    /** What a migration does until it ends. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    @Test
    void shouldCompleteWhenItComesBack() {
        MigrationOutcome outcome = run(() -> {});
        assertTrue(outcome.completed());
        assertEquals(MigrationStatus.COMPLETED, outcome.status());
        assertEquals(Optional.empty(), outcome.failure());
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new IOException("peer"), new IllegalStateException("ours"), new OutOfMemoryError("the kernel's"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldFailWithWhateverWasThrown(Throwable failure) {
        MigrationOutcome outcome = run(() -> {
            switch (failure) {
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                default -> throw (Error) failure;
            }
        });
        assertFalse(outcome.completed());
        assertEquals(MigrationStatus.FAILED, outcome.status());
        assertSame(failure, outcome.failure().orElseThrow());
    }

    @Test
    void shouldBeCancelledWhenItsThreadIsInterrupted() {
        MigrationOutcome outcome = run(() -> {
            throw new InterruptedException();
        });
        assertEquals(MigrationStatus.CANCELLED, outcome.status());
        assertEquals(Optional.empty(), outcome.failure());
    }

    /**
     * A file or socket that is interrupted leaves its thread so, which would end the next wait of whoever runs
     * migrations.
     */
    @Test
    void shouldLeaveItsThreadFreeToWaitWhenItWasInterruptedInAChannel() {
        MigrationOutcome outcome = run(() -> {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        });
        assertEquals(MigrationStatus.CANCELLED, outcome.status());
        assertFalse(Thread.interrupted());
    }

    @Test
    void shouldFailWhenItNeverBegan() {
        Migration migration = new Migration(1) {
            @Override
            protected void migrate() throws IOException {
                throw new IOException("nobody there");
            }
        };
        assertEquals(MigrationStatus.FAILED, migration.run().status());
    }

    private static MigrationOutcome run(Work work) {
        Migration migration = new Migration(1) {
            @Override
            protected void migrate() throws IOException, InterruptedException {
                progress().become(MigrationStatus.SETUP);
                progress().become(MigrationStatus.ACTIVE);
                work.run();
            }
        };
        MigrationOutcome outcome = migration.run();
        assertSame(migration.progress(), outcome.progress());
        assertEquals(outcome.status(), outcome.progress().status());
        return outcome;
    }
}
