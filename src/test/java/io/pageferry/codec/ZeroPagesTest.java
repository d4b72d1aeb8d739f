package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;
import io.pageferry.testing.LeakFree;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@LeakFree
@Timeout(30)
class ZeroPagesTest {
    private static final int PAGE = 4096;
    private static final int SLOTS = 128;
    private static final RamBlock BLOCK = new RamBlock(0, "ram", 1L << 30, PAGE);

    private final ZeroPages finder = new ZeroPages(SLOTS);
    private final LoadedPages loaded = new LoadedPages(SLOTS);
    private final PageBatch batch = new PageBatch(0, SLOTS);
    private MemoryRegion memory;

    @BeforeEach
    void allocate() {
        memory = MemoryRegion.allocate((1L << 30) + (1 << 20));
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048, 4096, 8192, 16384, 65536})
    void shouldFindTheOneByteThatIsNotZeroWhereverItIs(int pageSize) {
        long position = pageSize;
        assertTrue(memory.isZero(position, pageSize));
        for (int i = 0; i < pageSize; i++) {
            memory.window(0).putByte((int) position + i, (byte) (1 << i % 8));
            assertFalse(memory.isZero(position, pageSize), "byte=" + i);
            memory.window(0).putByte((int) position + i, (byte) 0);
        }
        assertTrue(memory.isZero(position, pageSize));
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048, 4096, 8192, 16384, 65536})
    void shouldNotLookAtThePagesAround(int pageSize) {
        memory.window(0).putByte(pageSize - 1, (byte) 1);
        memory.window(0).putByte(2 * pageSize, (byte) 1);
        assertTrue(memory.isZero(pageSize, pageSize));
    }

    @Test
    void shouldFindBytesPastTheFirstGibibyte() {
        long position = 1L << 30;
        memory.window(position).putByte(77, (byte) 1);
        assertFalse(memory.isZero(position, PAGE));
        assertTrue(memory.isZero(position + PAGE, PAGE));
        assertTrue(memory.isZero(0, PAGE));
    }

    @Test
    void shouldMoveZeroPagesBehindTheOthersAndKeepTheirOrder() {
        load(7, 0, 5, 0, 0, 9);
        finder.separate(batch, loaded);
        assertNormal(0, 2, 5);
        assertZero(1, 3, 4);
    }

    @Test
    void shouldLeaveBatchAloneWhenNoPageIsZero() {
        load(1, 2, 3);
        finder.separate(batch, loaded);
        assertNormal(0, 1, 2);
        assertZero();
    }

    @Test
    void shouldHaveNoNormalPagesWhenAllAreZero() {
        load(0, 0, 0);
        finder.separate(batch, loaded);
        assertNormal();
        assertZero(0, 1, 2);
    }

    @Test
    void shouldKeepZeroPagesThatWereKnownBefore() {
        load(0, 1);
        batch.addZero(100L * PAGE);
        batch.addZero(101L * PAGE);
        finder.separate(batch, loaded);
        assertNormal(1);
        assertZero(0, 100, 101);
    }

    @Test
    void shouldLookAtNothingWhenAllPagesAreKnownToBeZero() {
        batch.begin(BLOCK);
        batch.addZero(100L * PAGE);
        finder.separate(batch, new LoadedPages(SLOTS));
        assertNormal();
        assertZero(100);
    }

    @Test
    void shouldSeparateAnyMixture() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            int[] contents = random.ints(1 + random.nextInt(SLOTS), 0, 3).toArray();
            load(contents);
            finder.separate(batch, loaded);
            List<Long> normal = new ArrayList<>();
            List<Long> zero = new ArrayList<>();
            for (long page = 0; page < contents.length; page++) {
                (contents[(int) page] == 0 ? zero : normal).add(page);
            }
            assertNormal(normal.stream().mapToLong(page -> page).toArray());
            assertZero(zero.stream().mapToLong(page -> page).toArray());
        }
    }

    /**
     * Puts pages into memory, in an order of their own, and into the batch; each has one word that is not zero, or
     * none.
     */
    private void load(int... contents) {
        batch.begin(BLOCK);
        loaded.begin(memory);
        for (int page = 0; page < contents.length; page++) {
            int position = (page * 37 % SLOTS) * PAGE;
            memory.window(0).putInt(position + page * 8 % PAGE, contents[page]);
            batch.add((long) page * PAGE);
            loaded.position(page, position);
        }
    }

    private void assertNormal(long... pages) {
        assertEquals(pages.length, batch.normalPages());
        for (int slot = 0; slot < pages.length; slot++) {
            assertEquals(pages[slot] * PAGE, batch.offset(slot), "slot=" + slot);
            assertEquals(pages[slot] * 37 % SLOTS * PAGE, loaded.position(slot), "slot=" + slot);
        }
    }

    private void assertZero(long... pages) {
        assertEquals(pages.length, batch.zeroPages());
        for (int i = 0; i < pages.length; i++) {
            assertEquals(pages[i] * PAGE, batch.offset(batch.normalPages() + i), "zero page " + i);
        }
    }
}
