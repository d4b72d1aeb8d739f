package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PagePattern;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every page source gives of a guest that has been written into it. */
@Timeout(60)
public abstract class PageSourceSuite {
    private static final int PAGE = 4096;
    private static final int SLOTS = 128;
    private static final int SMALL_PAGES = 300;
    private static final long GIB = 1L << 30;
    private static final long PAGES_OF_A_GIB = GIB / PAGE;

    /** Fewer buffers than readers: some must wait for others. */
    protected static final int BUFFERS = 3;

    private static final RamLayout LAYOUT =
            new RamLayout(PAGE, List.of("small", "large"), new long[] {(long) SMALL_PAGES * PAGE, 5 * GIB});
    private static final RamBlock SMALL = LAYOUT.block(0);
    private static final RamBlock LARGE = LAYOUT.block(1);

    /** Pages of the large block that have content; all of the small block's have. */
    private static final long[] IN_LARGE = {
        0, 1, PAGES_OF_A_GIB - 1, PAGES_OF_A_GIB, 2 * PAGES_OF_A_GIB + 7, 5 * PAGES_OF_A_GIB - 1
    };

    private PageStore store;
    private LoadingPageSource source;

    protected abstract PageStore open(RamLayout layout) throws IOException;

    @BeforeEach
    void write() throws Exception {
        store = open(LAYOUT);
        write(SMALL, LongStream.range(0, SMALL_PAGES).toArray());
        write(LARGE, IN_LARGE);
        source = store.finish();
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private void write(RamBlock block, long[] pages) throws IOException, InterruptedException {
        try (PageWriter writer = store.sink().openWriter()) {
            for (long page : pages) {
                IoVector into = new IoVector(1);
                PageBatch batch = batch(block, page);
                writer.prepare(batch, into);
                into.buffers()[0].put(PagePattern.of(block, page * PAGE, 1));
                writer.commit(batch);
                writer.flush();
            }
        }
    }

    @Test
    void shouldHaveTheGuestsLayout() {
        assertEquals(LAYOUT, source.layout());
    }

    @Test
    void shouldHavePagesPresentWhenTheyHaveContent() {
        for (long page : IN_LARGE) {
            assertTrue(source.present(LARGE).isSet(page), "page=" + page);
        }
        assertEquals(SMALL_PAGES, source.present(SMALL).count());
    }

    @Test
    void shouldGiveTheSameBitmapAtEachCall() {
        assertSame(source.present(LARGE), source.present(LARGE));
    }

    @Test
    void shouldReadZerosWhenPageWasNeverWritten() throws Exception {
        for (long page : new long[] {2, PAGES_OF_A_GIB - 2, 4 * PAGES_OF_A_GIB, 5 * PAGES_OF_A_GIB - 2}) {
            assertArrayEquals(new byte[PAGE], PageReading.page(source, LARGE, page * PAGE), "page=" + page);
        }
    }

    @Test
    void shouldLoadPagesWhereverTheyAreInTheirBlock() throws Exception {
        assertLoads(LARGE, IN_LARGE);
    }

    @Test
    void shouldLoadWholeBatchWhenItsPagesAreNeighbours() throws Exception {
        assertLoads(SMALL, LongStream.range(40, 40 + SLOTS).toArray());
    }

    @Test
    void shouldLoadBatchWhenItHasRunsAndGaps() throws Exception {
        assertLoads(SMALL, 0, 1, 2, 5, 7, 8, 200, 201, SMALL_PAGES - 1);
    }

    @Test
    void shouldLoadBatchWhenItsPagesAreInNoOrder() throws Exception {
        assertLoads(SMALL, 9, 8, 200, 201, 7, 0, 7);
    }

    @Test
    void shouldLoadNormalPagesOnlyWhenBatchHasZeroPages() throws Exception {
        PageBatch batch = batch(SMALL, 4, 5);
        batch.addZero(6 * PAGE);
        assertLoads(batch);
    }

    @Test
    void shouldTakeNothingWhenBatchHasNoNormalPages() throws Exception {
        PageBatch batch = batch(SMALL);
        batch.addZero(6 * PAGE);
        try (PageLoader reader = source.openReader()) {
            for (int i = 0; i <= BUFFERS; i++) {
                reader.load(batch, new LoadedPages(SLOTS));
            }
            reader.release();
        }
        assertLoads(SMALL, 1);
    }

    @Test
    void shouldLoadBatchAfterBatchWhenEachIsReleased() throws Exception {
        LoadedPages loaded = new LoadedPages(SLOTS);
        try (PageLoader reader = source.openReader()) {
            for (long page = 0; page < SMALL_PAGES; page++) {
                PageBatch batch = batch(SMALL, page);
                reader.load(batch, loaded);
                assertLoaded(batch, loaded);
                reader.release();
            }
        }
    }

    @Test
    void shouldLetGoOfLoadedPagesWhenReaderIsClosed() throws Exception {
        for (int i = 0; i <= BUFFERS; i++) {
            try (PageLoader reader = source.openReader()) {
                reader.load(batch(SMALL, i), new LoadedPages(SLOTS));
            }
        }
        assertLoads(SMALL, 1);
    }

    /**
     * Memory as a sink gives it: pages that are neighbours there need not be neighbours here, and the other way round.
     */
    @Test
    void shouldReadIntoMemoryHoweverItIsDivided() throws Exception {
        long[] pages = {10, 11, 12, 13, 50, 51, 60};
        for (int[] lengths :
                List.of(new int[] {7}, new int[] {1, 1, 1, 1, 1, 1, 1}, new int[] {1, 4, 2}, new int[] {2, 3, 1, 1})) {
            assertReads(pages, lengths);
        }
    }

    private void assertReads(long[] pages, int[] lengthsInPages) throws IOException {
        IoVector into = new IoVector(SLOTS);
        try (MemoryRegion memory = MemoryRegion.allocate(64 * PAGE);
                PageLoader reader = source.openReader()) {
            long[] positions = new long[pages.length];
            int slot = 0;
            long next = 0;
            for (int length : lengthsInPages) {
                for (int i = 0; i < length; i++) {
                    positions[slot++] = next;
                    into.add(memory, next, PAGE);
                    next += PAGE;
                }
                next += PAGE; // a hole
            }
            assertEquals(lengthsInPages.length, into.count());
            reader.read(batch(SMALL, pages), into);
            for (int i = 0; i < into.count(); i++) {
                assertFalse(into.buffers()[i].hasRemaining());
            }
            byte[] page = new byte[PAGE];
            for (int i = 0; i < pages.length; i++) {
                memory.window(0).getBytes((int) positions[i], page);
                assertArrayEquals(PagePattern.of(SMALL, pages[i] * PAGE, 1), page, "page=" + pages[i]);
            }
        }
    }

    @Test
    void shouldReadIntoBufferOfTheHeap() throws Exception {
        IoVector into = new IoVector(1);
        ByteBuffer buffer = ByteBuffer.allocate(2 * PAGE);
        into.add(buffer);
        try (PageLoader reader = source.openReader()) {
            reader.read(batch(LARGE, PAGES_OF_A_GIB - 1, PAGES_OF_A_GIB), into);
        }
        ByteBuffer expected = ByteBuffer.allocate(2 * PAGE)
                .put(PagePattern.of(LARGE, GIB - PAGE, 1))
                .put(PagePattern.of(LARGE, GIB, 1));
        assertArrayEquals(expected.array(), buffer.array());
    }

    @Test
    void shouldLoadRightPagesWhenReadersWorkSideBySide() throws Exception {
        Callable<?> reading = () -> {
            LoadedPages loaded = new LoadedPages(SLOTS);
            try (PageLoader reader = source.openReader()) {
                for (int first = 0; first + 20 <= SMALL_PAGES; first++) {
                    PageBatch batch =
                            batch(SMALL, LongStream.range(first, first + 20).toArray());
                    reader.load(batch, loaded);
                    assertLoaded(batch, loaded);
                    reader.release();
                }
            }
            return null;
        };
        Threads.runTogether(Collections.nCopies(2 * BUFFERS, reading));
    }

    private static PageBatch batch(RamBlock block, long... pages) {
        PageBatch batch = new PageBatch(0, SLOTS);
        batch.begin(block);
        for (long page : pages) {
            batch.add(page * PAGE);
        }
        return batch;
    }

    private void assertLoads(RamBlock block, long... pages) throws IOException, InterruptedException {
        assertLoads(batch(block, pages));
    }

    private void assertLoads(PageBatch batch) throws IOException, InterruptedException {
        LoadedPages loaded = new LoadedPages(SLOTS);
        try (PageLoader reader = source.openReader()) {
            reader.load(batch, loaded);
            assertLoaded(batch, loaded);
        }
    }

    private static void assertLoaded(PageBatch batch, LoadedPages loaded) {
        byte[] page = new byte[PAGE];
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            long offset = batch.offset(slot);
            PageReading.copy(loaded, slot, page);
            assertArrayEquals(PagePattern.of(batch.block(), offset, 1), page, () -> "offset=" + offset);
        }
    }
}
