package io.pageferry.session;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.memory.DirtyLog;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.send.SendException;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole migrations with nobody but ourselves. */
@LeakFree
@Timeout(120)
class LoopbackMigrationTest {
    private static final long MIB = 1L << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "1, false, MULTIFD",
        "4, false, MULTIFD",
        "4, true, MULTIFD",
        "4, false, LEGACY",
        "2, true, LEGACY",
        "3, false, NONE",
        "64, true, MULTIFD"
    })
    void shouldBringLiveGuestOverAsItWasWhenItStopped(
            int channels, boolean flushAfterEachSection, ZeroPageDetection detection) throws Exception {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(channels)
                .flushAfterEachSection(flushAfterEachSection)
                .zeroPageDetection(detection)
                .downtimeLimit(Duration.ofMillis(100))
                .build();
        try (SyntheticGuest guest = guest(64 * MIB, 50 * MIB);
                MemoryDestination destination = new MemoryDestination()) {
            guest.start();
            LoopbackMigration migration =
                    LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, parameters);
            requireCompleted(migration);
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
            MigrationStats sent = migration.sent().progress().stats();
            requireSameCounts(sent, migration.received().progress().stats());
            assertTrue(sent.normalPages() > 0);
            assertEquals(detection != ZeroPageDetection.NONE, sent.duplicatePages() > 0);
        }
    }

    /** Where there are channels, each section's end is a sync, though none has a page. */
    @ParameterizedTest(name = "multifd {0}")
    @ValueSource(booleans = {true, false})
    void shouldBringLiveGuestOverWhenItsPagesAreOnTheMainChannel(boolean multifd) throws Exception {
        MigrationParameters.Builder builder = MigrationParameters.builder()
                .multifdChannels(3)
                .pagesOnMainChannel(multifd)
                .downtimeLimit(Duration.ofMillis(100));
        if (!multifd) {
            builder.disable(MigrationCapability.MULTIFD);
        }
        MigrationParameters parameters = builder.build();
        try (SyntheticGuest guest = guest(64 * MIB, 50 * MIB);
                MemoryDestination destination = new MemoryDestination()) {
            guest.start();
            LoopbackMigration migration =
                    LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, parameters);
            requireCompleted(migration);
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
            MigrationStats sent = migration.sent().progress().stats();
            requireSameCounts(sent, migration.received().progress().stats());
            assertEquals(sent.normalPages(), sent.mainNormal.sum());
            assertEquals(sent.duplicatePages(), sent.mainDuplicate.sum());
            assertTrue(sent.normalPages() > 0 && sent.duplicatePages() > 0);
            assertEquals(multifd ? 3 : 0, sent.channels().size());
            for (ChannelStats channel : sent.channels()) {
                assertEquals(channel.syncs.get(), channel.packets.get());
            }
        }
    }

    private static void requireCompleted(LoopbackMigration migration) throws InterruptedException {
        MigrationOutcome sent = migration.sent();
        MigrationOutcome received = migration.received();
        assertTrue(sent.completed(), () -> sent.failure().toString());
        assertTrue(received.completed(), () -> received.failure().toString());
    }

    /** What one end says that it sent, the other says that it received: channel by channel. */
    private static void requireSameCounts(MigrationStats sent, MigrationStats received) {
        for (int id = 0; id < sent.channels().size(); id++) {
            ChannelStats out = sent.channel(id);
            ChannelStats in = received.channel(id);
            assertEquals(out.packets.get(), in.packets.get(), "packets");
            assertEquals(out.normal.get(), in.normal.get(), "normal");
            assertEquals(out.duplicate.get(), in.duplicate.get(), "duplicate");
            assertEquals(out.syncs.get(), in.syncs.get(), "syncs");
            assertEquals(out.multifdBytes.get(), in.multifdBytes.get(), "multifd-bytes");
        }
        assertEquals(sent.mainDuplicate.sum(), received.mainDuplicate.sum());
        assertEquals(sent.mainBytes.sum(), received.mainBytes.sum());
        assertEquals(sent.deviceStateBytes.sum(), received.deviceStateBytes.sum());
        assertEquals(sent.totalRamBytes(), received.totalRamBytes());
    }

    @Test
    void shouldGoThroughTheStatesAndSayHowItStands() throws Exception {
        try (SyntheticGuest guest = guest(32 * MIB, 20 * MIB);
                MemoryDestination destination = new MemoryDestination()) {
            guest.start();
            LoopbackMigration migration = LoopbackMigration.start(
                    new SyntheticOutgoingGuest(guest), destination, MigrationParameters.defaults());
            requireCompleted(migration);
            MigrationProgress progress = migration.sent().progress();
            assertTrue(progress.setupTimeNanos() > 0);
            assertTrue(progress.downtimeNanos() > 0);
            assertTrue(progress.totalNanos() > progress.downtimeNanos());
            assertTrue(progress.stats().dirtySyncCount.sum() >= 2, "one round, and one at the end");
            assertTrue(progress.stats().precopy().converges());
            assertEquals(0, progress.stats().remainingBytes());
            assertEquals(32 * MIB, progress.stats().totalRamBytes());
        }
    }

    @Test
    void shouldHaveAnotherNumberOfChannelsAtTheNextMigration() throws Exception {
        try (SyntheticGuest guest = guest(4 * MIB, 0)) {
            for (int channels : new int[] {2, 7, 1, 255}) {
                try (MemoryDestination destination = new MemoryDestination()) {
                    requireCompleted(LoopbackMigration.start(
                            new SyntheticOutgoingGuest(guest),
                            destination,
                            MigrationParameters.builder()
                                    .multifdChannels(channels)
                                    .build()));
                    LoopbackMigration.requireSame(guest.memory(), destination.memory());
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 1", "true, 3"})
    void shouldBringGuestIntoAnImageAndBack(boolean directIo, int channels) throws Exception {
        Path path = folder.resolve("guest.img");
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(channels)
                .directIo(directIo)
                .build();
        try (SyntheticGuest guest = guest(16 * MIB, 0);
                MemoryDestination destination = new MemoryDestination()) {
            MigrationOutcome saved = OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            new MigrationUri.ImageFile(path, 0),
                            Optional.empty(),
                            parameters)
                    .run();
            assertTrue(saved.completed(), () -> saved.failure().toString());
            MigrationOutcome loaded = IncomingMigration.from(
                            Image.open(path, 0, Long.MAX_VALUE, directIo), parameters, destination)
                    .run();
            assertTrue(loaded.completed(), () -> loaded.failure().toString());
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
            assertEquals(
                    saved.progress().stats().normalPages(),
                    loaded.progress().stats().normalPages());
        }
    }

    /** Held from below: the bytes that were on their way when the limiter last looked are all that may be too many. */
    @Test
    void shouldTakeAsLongAsTheBandwidthLimitAsks() throws Exception {
        long bandwidth = 32 * MIB;
        int channels = 2;
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(channels)
                .maxBandwidth(bandwidth)
                .build();
        try (SyntheticGuest guest = guest(32 * MIB, 0);
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration =
                    LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, parameters);
            requireCompleted(migration);
            MigrationProgress progress = migration.sent().progress();
            double seconds = progress.totalNanos() / (double) TimeUnit.SECONDS.toNanos(1);
            long onTheirWay = (channels * 2L + 1) * 512 * 1024 + bandwidth / 10;
            long bytes = progress.stats().transferredBytes();
            assertTrue(
                    bytes - onTheirWay <= bandwidth * seconds,
                    () -> bytes + " bytes in " + seconds + " s at " + bandwidth + " bytes/s");
        }
    }

    @Test
    void shouldGiveUpWhenGuestDirtiesFasterThanIsSent() throws Exception {
        MigrationParameters parameters =
                MigrationParameters.builder().downtimeLimit(Duration.ZERO).build();
        DirtyLog all = (block, into) -> {
            into.setAll();
            return into.count();
        };
        try (SyntheticGuest guest = guest(4 * MIB, 0);
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration = LoopbackMigration.start(
                    new DirtiedGuest(new SyntheticOutgoingGuest(guest), all), destination, parameters);
            Throwable failure = migration.sent().failure().orElseThrow();
            assertInstanceOf(SendException.class, failure);
            assertTrue(
                    failure.getMessage()
                            .startsWith("guest must dirty less than is sent, it will not converge: rounds=6 "),
                    failure.getMessage());
            assertEquals(MigrationStatus.FAILED, migration.sent().status());
            assertEquals(MigrationStatus.FAILED, migration.received().status());
            assertFalse(migration.sent().progress().stats().precopy().converges());
        }
    }

    /**
     * Whoever is interrupted is cancelled, and the other end fails, or both had completed before; and nothing is left
     * of either.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldLeaveNothingWhenAnEndIsInterruptedAtAnyMoment(long seed) throws Exception {
        Random random = new Random(seed);
        try (SyntheticGuest guest = guest(16 * MIB, 0)) {
            for (int attempt = 0; attempt < 10; attempt++) {
                try (MemoryDestination destination = new MemoryDestination()) {
                    LoopbackMigration migration = LoopbackMigration.start(
                            new SyntheticOutgoingGuest(guest),
                            destination,
                            MigrationParameters.builder()
                                    .multifdChannels(1 + random.nextInt(8))
                                    .build());
                    interruptSometime(migration, random);
                }
            }
        }
    }

    private static void interruptSometime(LoopbackMigration migration, Random random) throws InterruptedException {
        long moment = random.nextLong(18 * MIB);
        await().pollInterval(Duration.ofNanos(100_000))
                .until(() -> migration.sending().stats().transferredBytes() >= moment
                        || migration.sending().status().isFinal());
        boolean sender = random.nextBoolean();
        if (sender) {
            migration.interruptSender();
        } else {
            migration.interruptReceiver();
        }
        MigrationStatus interrupted = (sender ? migration.sent() : migration.received()).status();
        MigrationStatus other = (sender ? migration.received() : migration.sent()).status();
        if (interrupted == MigrationStatus.CANCELLED) {
            assertTrue(other == MigrationStatus.FAILED || other == MigrationStatus.COMPLETED, other.toString());
        } else {
            assertEquals(MigrationStatus.COMPLETED, interrupted);
            assertEquals(MigrationStatus.COMPLETED, other);
        }
    }

    private static SyntheticGuest guest(long sizeBytes, long dirtyRate) {
        return new SyntheticGuest(new GuestShape(sizeBytes, dirtyRate, 0.3, 0.5, 1));
    }
}
