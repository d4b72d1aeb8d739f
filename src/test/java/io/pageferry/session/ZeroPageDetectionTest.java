package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each way to send zero pages, of a guest some of whose pages are zero from the beginning, and others become it after
 * they were sent with their bytes.
 */
@LeakFree
@Timeout(60)
class ZeroPageDetectionTest {
    private static final int PAGE = GuestShape.PAGE_SIZE_BYTES;
    private static final int PAGES = 4096;

    /** Every so many pages one becomes zero. */
    private static final int STEP = 3;

    private static final int TURNED = (PAGES + STEP - 1) / STEP;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void shouldLeaveSameMemoryWhereverZeroPagesGo(ZeroPageDetection detection) throws Exception {
        try (SyntheticGuest guest = guest();
                MemoryDestination destination = new MemoryDestination()) {
            requireCounted(guest, destination, detection);
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveSameImageWhereverZeroPagesGo(ZeroPageDetection detection) throws Exception {
        Path path = folder.resolve("guest.image");
        try (SyntheticGuest guest = guest();
                CheckpointDestination destination =
                        CheckpointDestination.of(PendingImage.at(path, false), parameters(detection));
                MemoryDestination loaded = new MemoryDestination()) {
            requireCounted(guest, destination, detection);
            MigrationParameters parameters = MigrationParameters.defaults();
            try (Image image = Image.open(path, 0, parameters.maxRam(), false)) {
                assertTrue(
                        IncomingMigration.from(image, parameters, loaded).run().completed());
            }
            LoopbackMigration.requireSame(guest.memory(), loaded.memory());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTouchMemoryThatGuestHasNotTouched(ZeroPageDetection detection) throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape((long) PAGES * PAGE, 0, 1, 0, 1));
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration =
                    LoopbackMigration.start(new SyntheticOutgoingGuest(guest), destination, parameters(detection));
            assertTrue(migration.sent().completed());
            assertTrue(migration.received().completed());
            assertEquals(0, migration.sent().progress().stats().normalPages());
            assertEquals(0, resident(guest.memory()));
            assertEquals(0, resident(destination.memory()));
        }
    }

    /** How many pages the kernel has given memory to. */
    private static long resident(GuestMemory memory) {
        return new MemoryPageSource(memory).present(memory.layout().block(0)).count();
    }

    private static SyntheticGuest guest() {
        return new SyntheticGuest(new GuestShape((long) PAGES * PAGE, 0, 0.25, 0.5, 1));
    }

    private static MigrationParameters parameters(ZeroPageDetection detection) {
        return MigrationParameters.builder()
                .zeroPageDetection(detection)
                .downtimeLimit(Duration.ZERO)
                .build();
    }

    private static void requireCounted(SyntheticGuest guest, Destination destination, ZeroPageDetection detection)
            throws Exception {
        long zero = zeroPages(guest) + TURNED;
        LoopbackMigration migration = LoopbackMigration.start(
                new DirtiedGuest(new SyntheticOutgoingGuest(guest), turning(guest)),
                destination,
                parameters(detection));
        assertTrue(migration.sent().completed());
        assertTrue(migration.received().completed());
        for (MigrationOutcome end : List.of(migration.sent(), migration.received())) {
            MigrationStats stats = end.progress().stats();
            long onChannels = stats.channels().stream()
                    .mapToLong(channel -> channel.duplicate.get())
                    .sum();
            assertEquals(detection == ZeroPageDetection.MULTIFD ? zero : 0, onChannels);
            assertEquals(detection == ZeroPageDetection.LEGACY ? zero : 0, stats.mainDuplicate.sum());
            long normal = PAGES + TURNED - (detection == ZeroPageDetection.NONE ? 0 : zero);
            assertEquals(normal, stats.normalPages());
        }
    }

    private static long zeroPages(SyntheticGuest guest) {
        MemoryRegion region = region(guest);
        long count = 0;
        for (int page = 0; page < PAGES; page++) {
            count += region.isZero((long) page * PAGE, PAGE) ? 1 : 0;
        }
        return count;
    }

    /** Once the first round is over, every third page becomes zero; then the guest does nothing more. */
    private static DirtyLog turning(SyntheticGuest guest) {
        AtomicInteger collected = new AtomicInteger();
        return (block, into) -> {
            if (collected.getAndIncrement() == 0) {
                for (int page = 0; page < PAGES; page += STEP) {
                    region(guest).zero((long) page * PAGE, PAGE);
                    into.set(page);
                }
            }
            return into.count();
        };
    }

    private static MemoryRegion region(SyntheticGuest guest) {
        return guest.memory().region(guest.memory().layout().block(0));
    }
}
