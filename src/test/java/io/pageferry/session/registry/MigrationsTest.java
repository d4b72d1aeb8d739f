package io.pageferry.session.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.session.Migration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.SessionException;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The registry of all migrations, with migrations that wait until they are let go. */
@LeakFree
@Timeout(30)
class MigrationsTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final MigrationSubject SUBJECT = new MigrationSubject(
            MigrationSubject.Direction.INCOMING, Optional.empty(), "127.0.0.1:4444", Optional.empty());

    private final Migrations migrations = new Migrations(2, 3);
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<MigrationOutcome> outcomes = new ArrayList<>();

    @AfterEach
    void close() {
        migrations.close();
    }

    @Test
    void shouldListMigrationsInTheOrderInWhichTheyBegan() throws Exception {
        MigrationEntry first = start(waiting());
        MigrationEntry second = start(waiting());
        assertEquals(List.of(1L, 2L), List.of(first.id(), second.id()));
        assertEquals(List.of(first, second), migrations.list());
        assertEquals(Optional.of(second), migrations.find(2));
        assertEquals(Optional.empty(), migrations.find(3));
        assertEquals(Optional.empty(), first.outcome());
    }

    @Test
    void shouldRefuseOneMoreThanThereMayBe() throws Exception {
        start(waiting());
        start(waiting());
        SessionException refusal = assertThrows(SessionException.class, () -> start(waiting()));
        assertEquals(
                "migrations at once must be as many as max-migrations at the most: peer=127.0.0.1:4444 running=2"
                        + " max-migrations=2",
                refusal.getMessage());
    }

    @Test
    void shouldTakeOneMoreWhenOneHasEnded() throws Exception {
        MigrationEntry first = start(waiting());
        start(waiting());
        first.cancel();
        awaitRunning(1);
        assertEquals(3, start(waiting()).id());
    }

    @Test
    void shouldKeepHowOneEnded() throws Exception {
        MigrationEntry entry = start(new Work() {
            @Override
            protected void migrate() throws IOException {
                throw new IOException("peer");
            }
        });
        assertTrue(migrations.awaitNone(LONG));
        MigrationOutcome outcome = entry.outcome().orElseThrow();
        assertEquals(MigrationStatus.FAILED, outcome.status());
        assertEquals("peer", outcome.failure().orElseThrow().getMessage());
        assertEquals(List.of(outcome), outcomes);
        assertEquals(List.of(entry), migrations.list());
        assertFalse(entry.ended().orElseThrow().isBefore(entry.started()));
    }

    @Test
    void shouldForgetTheOldestWhenMoreHaveEndedThanAreKept() throws Exception {
        release.countDown();
        for (int i = 0; i < 5; i++) {
            start(waiting());
            assertTrue(migrations.awaitNone(LONG));
        }
        assertEquals(
                List.of(3L, 4L, 5L),
                migrations.list().stream().map(MigrationEntry::id).toList());
        assertEquals(Optional.empty(), migrations.find(2));
    }

    @Test
    void shouldLeaveTheOthersAloneWhenOneIsYanked() throws Exception {
        MigrationEntry first = start(waiting());
        MigrationEntry second = start(waiting());
        first.yank();
        awaitRunning(1);
        assertEquals(MigrationStatus.FAILED, first.outcome().orElseThrow().status());
        assertEquals(Optional.empty(), second.outcome());
        release.countDown();
        assertTrue(migrations.awaitNone(LONG));
        assertTrue(second.outcome().orElseThrow().completed());
    }

    @Test
    void shouldCancelWhatRunsAndRefuseWhatComesWhenItIsClosed() throws Exception {
        MigrationEntry entry = start(waiting());
        migrations.close();
        assertEquals(MigrationStatus.CANCELLED, entry.outcome().orElseThrow().status());
        assertThrows(SessionException.class, () -> start(waiting()));
    }

    @Test
    void shouldSayThatSomeStillRunWhenTheTimeIsOver() throws Exception {
        start(waiting());
        assertFalse(migrations.awaitNone(Duration.ofMillis(20)));
    }

    @Test
    void shouldTellEverybodyOfAnEndWhenOneOfThemFails() throws Exception {
        List<Long> told = new ArrayList<>();
        migrations.whenOneEnds(_ -> {
            throw new IllegalStateException("a listener's fault");
        });
        migrations.whenOneEnds(entry -> told.add(entry.id()));
        release.countDown();
        Migration migration = waiting();
        MigrationEntry entry = migrations.register(SUBJECT, migration);
        MigrationOutcome outcome = migrations.run(entry, migration, outcomes::add);
        assertTrue(outcome.completed());
        assertEquals(List.of(entry.id()), told);
        assertEquals(0, migrations.running());
    }

    /**
     * In the migration, in what lets go of its things, and in who is told: each is contained, whatever the others do.
     */
    @Test
    void shouldCountAsEndedWhenAnErrorIsMetAtEachStep() throws Exception {
        long migrationsBefore = Faults.count(Place.MIGRATION);
        long listenersBefore = Faults.count(Place.LISTENER);
        List<Long> told = new ArrayList<>();
        migrations.whenOneEnds(_ -> {
            throw new StackOverflowError("injected");
        });
        migrations.whenOneEnds(entry -> told.add(entry.id()));
        MigrationEntry entry = migrations.start(
                SUBJECT,
                new Work() {
                    @Override
                    protected void migrate() {
                        throw new OutOfMemoryError("injected");
                    }
                },
                outcome -> {
                    outcomes.add(outcome);
                    throw new NoClassDefFoundError("injected");
                });
        assertTrue(migrations.awaitNone(LONG));
        assertEquals(List.of(entry.id()), told);
        assertEquals(MigrationStatus.FAILED, entry.outcome().orElseThrow().status());
        assertEquals(1, outcomes.size());
        assertEquals(2, Faults.count(Place.MIGRATION) - migrationsBefore);
        assertEquals(1, Faults.count(Place.LISTENER) - listenersBefore);
    }

    @Test
    void shouldEndWhenItCannotEvenSayHow() throws Exception {
        MigrationEntry entry = start(new Work() {
            @Override
            protected void migrate() {
                become(MigrationStatus.SETUP);
                become(MigrationStatus.FAILED); // and so it cannot become that at its end
                throw new OutOfMemoryError("injected");
            }
        });
        assertTrue(migrations.awaitNone(LONG));
        assertEquals(MigrationStatus.FAILED, entry.outcome().orElseThrow().status());
        assertEquals(1, outcomes.size());
    }

    @Test
    void shouldLearnWhoTheGuestIs() throws Exception {
        MigrationEntry entry = start(waiting());
        UUID uuid = UUID.randomUUID();
        entry.guestIs(uuid);
        assertEquals(Optional.of(uuid), entry.subject().guest());
    }

    private MigrationEntry start(Migration migration) throws IOException {
        return migrations.start(SUBJECT, migration, outcomes::add);
    }

    private void awaitRunning(int count) {
        Eventually.until("as many run", () -> migrations.running() == count);
    }

    private Migration waiting() {
        return new Work() {
            @Override
            protected void migrate() throws InterruptedException {
                become(MigrationStatus.SETUP);
                become(MigrationStatus.ACTIVE);
                release.await();
            }
        };
    }

    private abstract static class Work extends Migration {
        Work() {
            super(1);
        }
    }
}
