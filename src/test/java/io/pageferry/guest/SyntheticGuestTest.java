package io.pageferry.guest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ConfigException;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.testing.LeakFree;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@LeakFree
@Timeout(60)
class SyntheticGuestTest {
    private static final int PAGE = GuestShape.PAGE_SIZE_BYTES;
    private static final long SIZE = 8 << 20;
    private static final long PAGES = SIZE / PAGE;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void shouldBeTheSameWhenItsSeedIs() {
        try (SyntheticGuest one = guest(0, 0.3, 0.5, 7);
                SyntheticGuest same = guest(0, 0.3, 0.5, 7);
                SyntheticGuest another = guest(0, 0.3, 0.5, 8)) {
            assertEquals(-1, ram(one).mismatch(ram(same)));
            assertNotEquals(-1, ram(one).mismatch(ram(another)));
        }
    }

    /** The standard deviation of 2048 draws is below 1.2 %: four of them are allowed for, and the seed is fixed. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.25, 0.5, 0.9, 1})
    void shouldHaveThatShareOfZeroPages(double zeroShare) {
        try (SyntheticGuest guest = guest(0, zeroShare, 0.5, 1)) {
            long zero = 0;
            for (long page = 0; page < PAGES; page++) {
                zero += isZero(guest, page) ? 1 : 0;
            }
            assertEquals(zeroShare, (double) zero / PAGES, zeroShare % 1 == 0 ? 0 : 0.05);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1.0", "0.25, 0.75", "0.5, 0.5", "0.9, 0.1", "1, 0"})
    void shouldCompressToWhatDoesNotRepeatItself(double compressibility, double expected) {
        try (SyntheticGuest guest = guest(0, 0, compressibility, 1)) {
            long compressed = 0;
            int pages = 50;
            for (long page = 0; page < pages; page++) {
                compressed += deflatedBytes(ram(guest).asSlice(page * PAGE, PAGE));
            }
            assertEquals(expected, (double) compressed / (pages * PAGE), 0.05);
        }
    }

    @Test
    void shouldHaveNoTwoPagesAlikeWhenTheyAreNotZero() {
        try (SyntheticGuest guest = guest(0, 0, 1, 1)) {
            Set<Long> contents = new HashSet<>();
            for (long page = 0; page < PAGES; page++) {
                contents.add(ram(guest).get(ValueLayout.JAVA_LONG, page * PAGE));
            }
            assertEquals(PAGES, contents.size());
        }
    }

    @Test
    void shouldHaveThePagesOfItsModelInTheirOrder() throws Exception {
        try (SyntheticGuest model = guest(0, 0.3, 0.5, 7);
                SyntheticGuest like =
                        new SyntheticGuest(new GuestShape(SIZE, 0, 0, 0, 1), new MemoryPageSource(model.memory()))) {
            assertEquals(-1, ram(like).mismatch(ram(model)));
        }
    }

    /** Runs of 128 pages: the smaller guest's second is from the model's middle. */
    @Test
    void shouldHavePagesFromAllOverItsModelWhenItIsSmaller() throws Exception {
        long run = 128L * PAGE;
        try (SyntheticGuest model = guest(0, 0, 0, 7);
                SyntheticGuest like =
                        new SyntheticGuest(new GuestShape(2 * run, 0, 0, 0, 1), new MemoryPageSource(model.memory()))) {
            assertEquals(-1, ram(like).asSlice(0, run).mismatch(ram(model).asSlice(0, run)));
            assertEquals(-1, ram(like).asSlice(run, run).mismatch(ram(model).asSlice(SIZE / 2, run)));
        }
    }

    @Test
    void shouldWriteOnlyPagesThatItHasWhenItHasAModel() throws Exception {
        try (SyntheticGuest model = guest(0, 0, 0, 7);
                SyntheticGuest like = new SyntheticGuest(
                        new GuestShape(SIZE, 1L << 32, 0, 0, 1), new MemoryPageSource(model.memory()))) {
            Set<Long> known = firstWords(model);
            like.start();
            PageBitmap dirty = new PageBitmap(PAGES);
            await().atMost(PATIENCE).until(() -> {
                like.collect(like.memory().layout().block(0), dirty);
                return dirty.count() > 100;
            });
            like.stop();
            assertNotEquals(-1, ram(like).mismatch(ram(model)));
            assertTrue(known.containsAll(firstWords(like)));
        }
    }

    private static Set<Long> firstWords(SyntheticGuest guest) {
        Set<Long> words = new HashSet<>();
        for (long page = 0; page < PAGES; page++) {
            words.add(ram(guest).get(ValueLayout.JAVA_LONG, page * PAGE));
        }
        return words;
    }

    @Test
    void shouldDirtyItsWorkingSetOnly() throws Exception {
        long workingSet = 16L * PAGE;
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(SIZE, 1L << 32, 0, 0, 1, workingSet))) {
            PageBitmap dirty = new PageBitmap(PAGES);
            guest.start();
            await().atMost(PATIENCE).until(() -> {
                guest.collect(guest.memory().layout().block(0), dirty);
                return dirty.count() >= 16;
            });
            guest.stop();
            guest.collect(guest.memory().layout().block(0), dirty);
            assertEquals(16, dirty.count());
            assertEquals(16, dirty.nextClear(0));
        }
    }

    @Test
    void shouldHaveNothingDirtyBeforeItRuns() {
        try (SyntheticGuest guest = guest(1 << 30, 0, 0.5, 1)) {
            assertEquals(0, collect(guest).count());
        }
    }

    @Test
    void shouldDirtyNothingWhenItsRateIsZero() throws Exception {
        try (SyntheticGuest guest = guest(0, 0, 0.5, 1)) {
            guest.start();
            guest.stop();
            assertEquals(0, collect(guest).count());
        }
    }

    /** Every page that differs from what it was is marked: a page that changed without a mark would be lost. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5})
    void shouldMarkEachPageThatItWrites(double zeroShare) throws Exception {
        try (SyntheticGuest guest = guest(1 << 30, zeroShare, 0.5, 1);
                SyntheticGuest before = guest(0, zeroShare, 0.5, 1)) {
            PageBitmap marked = new PageBitmap(PAGES);
            guest.start();
            await().atMost(PATIENCE).until(() -> guest.collect(block(guest), marked) > 0);
            guest.stop();
            guest.collect(block(guest), marked);
            assertEquals(0, collect(guest).count(), "marks after the stop");
            long changed = 0;
            for (long page = 0; page < PAGES; page++) {
                if (MemorySegment.mismatch(
                                ram(guest), page * PAGE, (page + 1) * PAGE, ram(before), page * PAGE, (page + 1) * PAGE)
                        >= 0) {
                    changed++;
                    assertTrue(marked.isSet(page), "page=" + page);
                }
            }
            assertTrue(changed > 0);
        }
    }

    /**
     * A copy that follows the marks ends up right, though marks are collected and pages copied at every moment of a
     * write. Only the last write before a stop can show that one was missed, all others are made good by a later one:
     * so there are many stops.
     */
    @Test
    void shouldLoseNoPageWhenMarksAreCollectedAsItWrites() throws Exception {
        GuestShape small = new GuestShape(4 * PAGE, 1L << 30, 0.2, 0.5, 3);
        try (SyntheticGuest guest = new SyntheticGuest(small);
                SyntheticGuest copy = new SyntheticGuest(small)) {
            for (int run = 0; run < 300; run++) {
                AtomicLong followed = new AtomicLong();
                AtomicBoolean stopped = new AtomicBoolean();
                Thread follower = Thread.ofPlatform().start(() -> {
                    while (!stopped.get()) {
                        followed.addAndGet(follow(guest, copy));
                    }
                });
                try {
                    guest.start();
                    long enough = run % 50;
                    while (followed.get() <= enough && !Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                    guest.stop();
                } finally {
                    stopped.set(true);
                    while (follower.isAlive()) { // interrupted or not: the memory that it reads is about to go
                        Thread.onSpinWait();
                    }
                }
                follow(guest, copy);
                assertEquals(-1, ram(guest).mismatch(ram(copy)), "run=" + run);
            }
        }
    }

    private static long follow(SyntheticGuest guest, SyntheticGuest copy) {
        PageBitmap marked = new PageBitmap(block(guest).pages());
        long count = guest.collect(block(guest), marked);
        for (long page = marked.nextSet(0); page < marked.pages(); page = marked.nextSet(page + 1)) {
            MemorySegment.copy(ram(guest), page * PAGE, ram(copy), page * PAGE, PAGE);
        }
        return count;
    }

    /** It catches up with its rate and does not go beyond it: an upper bound that holds on the slowest machine, too. */
    @Test
    void shouldWriteNoMoreThanItsRate() throws Exception {
        long rate = 400 * PAGE; // a second: far fewer than there are pages
        try (SyntheticGuest guest = guest(rate, 0, 0.5, 1)) {
            PageBitmap marked = new PageBitmap(PAGES);
            long start = System.nanoTime();
            guest.start();
            await().atMost(PATIENCE).until(() -> {
                guest.collect(block(guest), marked);
                return marked.count() >= 40;
            });
            guest.stop();
            guest.collect(block(guest), marked);
            double seconds = (System.nanoTime() - start) / 1e9;
            assertTrue(marked.count() * PAGE <= rate * seconds, () -> marked.count() + " pages in " + seconds + " s");
        }
    }

    @Test
    void shouldStopWhenItIsClosedAsItRuns() throws Exception {
        SyntheticGuest guest = guest(1 << 30, 0, 0.5, 1);
        guest.start();
        await().atMost(PATIENCE).until(() -> collect(guest).count() > 0);
        guest.close(); // the leak check sees a processor or memory that is left
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0 | 0 | 0 | guest's size must be whole pages of 4096 bytes: size=0",
                "4097 | 0 | 0 | 0 | guest's size must be whole pages of 4096 bytes: size=4097",
                "4096 | -1 | 0 | 0 | dirty rate must not be negative: dirty-rate=-1",
                "4096 | 0 | 1.1 | 0 | zero share must be 0 to 1: value=1.1",
                "4096 | 0 | NaN | 0 | zero share must be 0 to 1: value=NaN",
                "4096 | 0 | 0 | -0.5 | compressibility must be 0 to 1: value=-0.5"
            })
    void shouldRefuseShapeThatNoGuestHas(
            long size, long dirtyRate, double zeroShare, double compressibility, String message) {
        assertEquals(
                message,
                assertThrows(
                                ConfigException.class,
                                () -> new GuestShape(size, dirtyRate, zeroShare, compressibility, 1))
                        .getMessage());
    }

    @Test
    void shouldSayHowMuchOfTheProcessorItHasHadWhenItHasRun() throws InterruptedException {
        try (SyntheticGuest guest = guest(1L << 40, 0, 0, 1)) {
            assertEquals(0, guest.processorNanos());
            guest.start();
            await().until(() -> collect(guest).count() > 0);
            guest.stop();
            assertTrue(guest.processorNanos() > 0);
        }
    }

    private static SyntheticGuest guest(long dirtyRate, double zeroShare, double compressibility, long seed) {
        return new SyntheticGuest(new GuestShape(SIZE, dirtyRate, zeroShare, compressibility, seed));
    }

    private static RamBlock block(SyntheticGuest guest) {
        return guest.memory().layout().block(0);
    }

    private static MemorySegment ram(SyntheticGuest guest) {
        return guest.memory().region(block(guest)).segment();
    }

    private static PageBitmap collect(SyntheticGuest guest) {
        PageBitmap marked = new PageBitmap(PAGES);
        guest.collect(block(guest), marked);
        return marked;
    }

    private static boolean isZero(SyntheticGuest guest, long page) {
        for (long position = page * PAGE; position < (page + 1) * PAGE; position += Long.BYTES) {
            if (ram(guest).get(ValueLayout.JAVA_LONG, position) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int deflatedBytes(MemorySegment page) {
        try (Deflater deflater = new Deflater(9, true)) {
            deflater.setInput(page.toArray(ValueLayout.JAVA_BYTE));
            deflater.finish();
            return deflater.deflate(new byte[2 * PAGE]);
        }
    }
}
