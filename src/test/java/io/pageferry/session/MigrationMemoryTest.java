package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.memory.MemoryBudget;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.memory.MemoryException;
import io.pageferry.session.registry.MigrationSubject;
import io.pageferry.session.registry.Migrations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory as part of admission. */
@Timeout(30)
class MigrationMemoryTest {
    private static final long MIB = 1 << 20;

    /** A machine with 1 GiB: the JVM's heap is a quarter of it. */
    private static final MemoryBudget SMALL_MACHINE = new MemoryBudget(192 * MIB, 192 * MIB, 512 * MIB);

    /** {@code --max-migrations}. */
    private static final int DEFAULT_MAX_MIGRATIONS = 256;

    private static final MigrationSubject SUBJECT = new MigrationSubject(
            MigrationSubject.Direction.INCOMING, Optional.empty(), "127.0.0.1:4444", Optional.empty());

    /** Each of them of 4 GiB, with the device state of a QEMU. */
    @Test
    void shouldAdmitAsManyAsThereMayBeByDefaultWhenTheMachineIsSmall() throws Exception {
        MigrationParameters parameters = MigrationParameters.builder().build();
        List<MemoryBudget.Share> shares = new ArrayList<>();
        for (int i = 0; i < DEFAULT_MAX_MIGRATIONS; i++) {
            MemoryBudget.Share share = SMALL_MACHINE.open();
            MigrationMemory.ofIncoming(parameters).takeFrom(share);
            share.take(Kind.HEAP, MigrationMemory.bitmapBytes((4L << 30) / 4096), "bitmaps");
            share.take(Kind.HEAP, 256 << 10, "device state");
            shares.add(share);
        }
        assertEquals(DEFAULT_MAX_MIGRATIONS, shares.size());
        shares.forEach(MemoryBudget.Share::close);
    }

    @Test
    void shouldCountBuffersAndCodecsOfEachChannel() {
        MigrationMemory plain = MigrationMemory.ofIncoming(
                MigrationParameters.builder().multifdChannels(16).build());
        MigrationMemory zstd = MigrationMemory.ofIncoming(MigrationParameters.builder()
                .multifdChannels(16)
                .compression(MultifdCompression.ZSTD)
                .build());
        assertTrue(plain.nativeBytes() >= 16 * MIB / 2);
        assertTrue(zstd.nativeBytes() >= plain.nativeBytes() + 16 * MIB);
    }

    @Test
    void shouldRefuseAMigrationThatDoesNotFitAndTakeItWhenAnotherHasEnded() throws Exception {
        MigrationMemory each = new MigrationMemory(60, 0, 0);
        MemoryBudget budget = new MemoryBudget(100, 0, 0);
        CountDownLatch release = new CountDownLatch(1);
        try (Migrations migrations = new Migrations(10, 10, budget)) {
            migrations.start(SUBJECT, waiting(each, release), _ -> {});
            MemoryException refusal = assertThrows(
                    MemoryException.class, () -> migrations.start(SUBJECT, waiting(each, release), _ -> {}));
            assertTrue(
                    refusal.getMessage().endsWith("kind=heap what=\"channels\" bytes=60 own=0 taken=60 most=100"),
                    refusal.getMessage());
            assertEquals(1, migrations.running());
            release.countDown();
            assertTrue(migrations.awaitNone(Duration.ofSeconds(20)));
            assertEquals(0, budget.taken(Kind.HEAP));
            assertEquals(
                    2,
                    migrations.start(SUBJECT, waiting(each, release), _ -> {}).id());
        }
        assertEquals(0, budget.taken(Kind.HEAP));
    }

    @Test
    void shouldRefuseWhatIsMoreThanAHostsShareAndTakeAnothersGuest() throws Exception {
        MigrationMemory each = new MigrationMemory(30, 0, 0);
        MemoryBudget budget = new MemoryBudget(100, 0, 0);
        CountDownLatch release = new CountDownLatch(1);
        try (Migrations migrations = new Migrations(10, 10, budget)) {
            start(migrations, of("host=192.0.2.1", waiting(each, release)));
            start(migrations, of("host=192.0.2.1", waiting(each, release)));
            Migration third = of("host=192.0.2.1", waiting(each, release));
            assertThrows(MemoryException.class, () -> start(migrations, third));
            start(migrations, of("host=192.0.2.2", waiting(each, release)));
            release.countDown();
            assertTrue(migrations.awaitNone(Duration.ofSeconds(20)));
        }
    }

    private static void start(Migrations migrations, Migration migration) throws Exception {
        migrations.start(SUBJECT, migration, _ -> {});
    }

    private static Migration of(String holder, Migration migration) {
        migration.heldBy(Set.of(holder), 0.75);
        return migration;
    }

    private static Migration waiting(MigrationMemory memory, CountDownLatch release) {
        return new Migration(1, memory) {
            @Override
            protected void migrate() throws InterruptedException {
                progress().become(MigrationStatus.SETUP);
                progress().become(MigrationStatus.ACTIVE);
                release.await();
            }
        };
    }
}
