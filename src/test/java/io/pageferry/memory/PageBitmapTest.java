package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Threads;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PageBitmapTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 65, 128, 1000})
    void shouldBeClearWhenItIsNew(long pages) {
        PageBitmap bitmap = new PageBitmap(pages);
        assertEquals(0, bitmap.count());
        assertEquals(pages, bitmap.nextSet(0));
        assertEquals(0, bitmap.nextClear(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 65, 128, 1000})
    void shouldHaveNoBitsPastItsPagesWhenAllAreSet(long pages) {
        PageBitmap bitmap = new PageBitmap(pages);
        bitmap.setAll();
        assertEquals(pages, bitmap.count());
        assertEquals(pages, bitmap.nextClear(0));
        for (int word = 0; word < bitmap.wordCount(); word++) {
            assertEquals(bitmap.wordMask(word), bitmap.word(word), "word=" + word);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "63, 1", "64, 1", "65, 2", "128, 2"})
    void shouldHaveAWordForEach64Pages(long pages, int words) {
        assertEquals(words, new PageBitmap(pages).wordCount());
    }

    @Test
    void shouldLookAtPagesBeforeALimitOnly() {
        PageBitmap bitmap = new PageBitmap(1000);
        bitmap.setRange(60, 200);
        for (int limit = 0; limit <= 1000; limit++) {
            assertEquals(Math.min(limit, 60), bitmap.nextSet(0, limit));
            assertEquals(Math.max(150, Math.min(limit, 200)), bitmap.nextClear(150, Math.max(limit, 150)));
            assertEquals(Math.max(200, limit), bitmap.nextSet(200, Math.max(limit, 200)));
        }
    }

    @Test
    void shouldSayThatItWasSetWhenItIsCleared() {
        PageBitmap bitmap = new PageBitmap(100);
        bitmap.set(70);
        assertTrue(bitmap.clear(70));
        assertFalse(bitmap.clear(70));
    }

    @Test
    void shouldPutPagesWhereTheBitmapOfAnImageHasThem() {
        PageBitmap bitmap = new PageBitmap(130);
        bitmap.set(0);
        bitmap.set(63);
        bitmap.set(64);
        bitmap.set(129);
        assertEquals(1L | 1L << 63, bitmap.word(0));
        assertEquals(1L, bitmap.word(1));
        assertEquals(2L, bitmap.word(2));
    }

    @Test
    void shouldTakeWholeWordsAsAnImageHasThem() {
        PageBitmap bitmap = new PageBitmap(130);
        bitmap.word(1, 1L << 5);
        assertTrue(bitmap.isSet(69));
        assertEquals(1, bitmap.count());
    }

    /** Against the JDK's own, which is not concurrent. */
    @Test
    void shouldAgreeWithABitSetWhateverIsDone() {
        Random random = new Random(1);
        for (int pages : new int[] {1, 64, 65, 127, 500}) {
            PageBitmap bitmap = new PageBitmap(pages);
            BitSet expected = new BitSet();
            for (int i = 0; i < 2000; i++) {
                int from = random.nextInt(pages + 1);
                int to = from + random.nextInt(pages - from + 1);
                int page = random.nextInt(pages);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        bitmap.setRange(from, to);
                        expected.set(from, to);
                    }
                    case 1 -> {
                        bitmap.clearRange(from, to);
                        expected.clear(from, to);
                    }
                    case 2 -> {
                        bitmap.set(page);
                        expected.set(page);
                    }
                    default -> {
                        assertEquals(expected.get(page), bitmap.clear(page));
                        expected.clear(page);
                    }
                }
                assertAgrees(expected, bitmap, page);
            }
        }
    }

    private static void assertAgrees(BitSet expected, PageBitmap bitmap, int page) {
        int pages = (int) bitmap.pages();
        assertEquals(expected.cardinality(), bitmap.count());
        assertEquals(expected.get(page), bitmap.isSet(page));
        int nextSet = expected.nextSetBit(page);
        assertEquals(nextSet < 0 ? pages : nextSet, bitmap.nextSet(page));
        assertEquals(Math.min(pages, expected.nextClearBit(page)), bitmap.nextClear(page));
        assertEquals(pages, bitmap.nextSet(pages));
        assertEquals(pages, bitmap.nextClear(pages));
    }

    @Test
    void shouldMoveAllBitsWhenItIsDrained() {
        PageBitmap from = new PageBitmap(200);
        PageBitmap to = new PageBitmap(200);
        from.setRange(60, 70);
        from.set(199);
        to.set(3);
        to.set(65);
        assertEquals(11, from.drainTo(to));
        assertEquals(0, from.count());
        assertEquals(12, to.count());
        assertEquals(0, from.drainTo(to));
    }

    /** Neighbouring bits share a word: were a word written as a whole, one thread would undo what another has set. */
    @Test
    void shouldLoseNoBitWhenThreadsSetAndClearNeighbours() throws Exception {
        int threads = 8;
        PageBitmap bitmap = new PageBitmap(64L * threads);
        List<Callable<?>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int own = i;
            tasks.add(() -> {
                for (int round = 0; round < 2000; round++) {
                    for (int page = own; page < bitmap.pages(); page += threads) {
                        bitmap.set(page);
                        assertTrue(bitmap.isSet(page));
                    }
                    for (int page = own; page < bitmap.pages() && round < 1999; page += threads) {
                        assertTrue(bitmap.clear(page));
                    }
                }
                return null;
            });
        }
        Threads.runTogether(tasks);
        assertEquals(bitmap.pages(), bitmap.count());
    }

    /** What a dirty log stands on: each mark is taken by exactly one drain, or is still there. */
    @Test
    void shouldMoveEachBitOnceWhenItIsDrainedWhileOthersSet() throws Exception {
        int pages = 64 * 1024;
        PageBitmap marks = new PageBitmap(pages);
        PageBitmap collected = new PageBitmap(pages);
        AtomicBoolean done = new AtomicBoolean();
        long[] drained = new long[1];
        List<Callable<?>> tasks = new ArrayList<>();
        tasks.add(() -> {
            while (!done.get()) {
                drained[0] += marks.drainTo(collected);
            }
            drained[0] += marks.drainTo(collected);
            return null;
        });
        tasks.add(() -> {
            Threads.runTogether(List.of(marking(marks, 0, 2), marking(marks, 1, 2)));
            done.set(true);
            return null;
        });
        Threads.runTogether(tasks);
        assertEquals(pages, drained[0]);
        assertEquals(pages, collected.count());
    }

    private static Callable<?> marking(PageBitmap marks, int first, int step) {
        return () -> {
            for (long page = first; page < marks.pages(); page += step) {
                marks.set(page);
            }
            return null;
        };
    }
}
