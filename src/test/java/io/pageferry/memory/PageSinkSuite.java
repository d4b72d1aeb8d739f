package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.testing.PagePattern;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every page sink does with what it gets, in both ways that pages come in. */
@Timeout(60)
public abstract class PageSinkSuite {
    private static final int PAGE = 4096;
    private static final int SLOTS = 128;
    private static final long GIB = 1L << 30;
    private static final long PAGES_OF_A_GIB = GIB / PAGE;

    /** Fewer buffers than writers: some must wait for others. */
    protected static final int BUFFERS = 3;

    private static final int WRITERS = 8;

    private static final RamLayout LAYOUT =
            new RamLayout(PAGE, List.of("first", "large", "last"), new long[] {3 * PAGE, 5 * GIB, 1000 * PAGE});
    private static final RamBlock FIRST = LAYOUT.block(0);
    private static final RamBlock LARGE = LAYOUT.block(1);
    private static final RamBlock LAST = LAYOUT.block(2);

    private PageStore store;
    private LoadingPageSource written;

    protected abstract PageStore open(RamLayout layout) throws IOException;

    /** How pages come in. */
    protected enum Way {
        /** They are read from elsewhere into the memory that the sink gives. */
        RECEIVED,
        /** They are copied from where they lie in this process. */
        COPIED
    }

    @BeforeEach
    void open() throws IOException {
        store = open(LAYOUT);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void shouldHaveTheGuestsLayout() {
        assertEquals(LAYOUT, store.sink().layout());
    }

    @Test
    void shouldHoldZerosWhenNothingWasWritten() throws Exception {
        store.sink().openWriter().close();
        assertPages(FIRST, 0, 0, 1, 2);
        assertPages(LARGE, 0, 0, LARGE.pages() - 1);
        assertPages(LAST, 0, 0, LAST.pages() - 1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldFirstAndLastPageOfEachBlock(Way way) throws Exception {
        for (RamBlock block : List.of(FIRST, LARGE, LAST)) {
            write(way, 1, block, 0);
            write(way, 2, block, block.pages() - 1);
        }
        for (RamBlock block : List.of(FIRST, LARGE, LAST)) {
            assertPages(block, 1, 0);
            assertPages(block, 2, block.pages() - 1);
            assertPages(block, 0, 1, block.pages() - 2 > 1 ? block.pages() - 2 : 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldWholeBatchWhenItsPagesAreNeighbours(Way way) throws Exception {
        long[] pages = LongStream.range(100, 100 + SLOTS).toArray();
        write(way, 1, LAST, pages);
        assertPages(LAST, 1, pages);
        assertPages(LAST, 0, 99, 100 + SLOTS);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldBatchWhenItHasRunsAndGaps(Way way) throws Exception {
        long[] pages = {2, 3, 4, 7, 9, 10, 500, 501, 502, 503, 999};
        write(way, 1, LAST, pages);
        assertPages(LAST, 1, pages);
        assertPages(LAST, 0, 1, 5, 6, 8, 11, 499, 504, 998);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldBatchWhenItsPagesAreInNoOrder(Way way) throws Exception {
        long[] pages = {9, 8, 7, 3, 20, 21, 1, 0};
        write(way, 1, LAST, pages);
        assertPages(LAST, 1, pages);
        assertPages(LAST, 0, 2, 4, 6, 10, 19, 22);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldPagesOnBothSidesOfEachGibibyte(Way way) throws Exception {
        for (long gib = 1; gib < 5; gib++) {
            long border = gib * PAGES_OF_A_GIB;
            long[] pages = LongStream.range(border - 2, border + 2).toArray();
            write(way, (int) gib, LARGE, pages);
        }
        for (long gib = 1; gib < 5; gib++) {
            long border = gib * PAGES_OF_A_GIB;
            assertPages(LARGE, (int) gib, border - 2, border - 1, border, border + 1);
            assertPages(LARGE, 0, border - 3, border + 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldLastContentWhenPageComesTwice(Way way) throws Exception {
        write(way, 1, LAST, 5, 6, 7);
        write(way, 2, LAST, 6);
        assertPages(LAST, 1, 5, 7);
        assertPages(LAST, 2, 6);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldZerosWhenPageWithContentComesAsZeroPage(Way way) throws Exception {
        write(way, 1, LAST, 5, 6, 7);
        PageBatch batch = batch(LAST);
        batch.addZero(6 * PAGE);
        write(way, 2, batch);
        assertPages(LAST, 1, 5, 7);
        assertPages(LAST, 0, 6);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldBothKindsWhenBatchIsMixed(Way way) throws Exception {
        write(way, 1, LAST, 5, 6, 7, 8);
        PageBatch batch = batch(LAST, 5, 7);
        batch.addZero(6 * PAGE);
        batch.addZero(900 * PAGE);
        write(way, 2, batch);
        assertPages(LAST, 2, 5, 7);
        assertPages(LAST, 0, 6, 900);
        assertPages(LAST, 1, 8);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldZerosWhenMainChannelMakesPageZero(Way way) throws Exception {
        write(way, 1, LARGE, PAGES_OF_A_GIB * 4, PAGES_OF_A_GIB * 4 + 1);
        store.sink().zero(LARGE, 4 * GIB);
        store.sink().zero(LARGE, 3 * GIB);
        assertPages(LARGE, 0, PAGES_OF_A_GIB * 4, PAGES_OF_A_GIB * 3);
        assertPages(LARGE, 1, PAGES_OF_A_GIB * 4 + 1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldContentWhenZeroPageIsWrittenAgain(Way way) throws Exception {
        write(way, 1, LAST, 5);
        store.sink().zero(LAST, 5 * PAGE);
        write(way, 3, LAST, 5);
        assertPages(LAST, 3, 5);
    }

    @Test
    void shouldHoldPagesWhenTheyLieApartWhereTheyAreCopiedFrom() throws Exception {
        try (PageWriter writer = store.sink().openWriter();
                MemoryRegion memory = MemoryRegion.allocate(16 * PAGE)) {
            PageBatch batch = batch(LAST, 5, 6, 7, 8);
            copy(writer, batch, 1, memory, 9L * PAGE, 8L * PAGE, 2L * PAGE, 3L * PAGE);
        }
        assertPages(LAST, 1, 5, 6, 7, 8);
    }

    @Test
    void shouldHoldRunWhenItLiesAcrossAGibibyteWhereItIsCopiedFrom() throws Exception {
        try (PageWriter writer = store.sink().openWriter();
                MemoryRegion memory = MemoryRegion.allocate(GIB + 16 * PAGE)) {
            PageBatch batch = batch(LAST, 5, 6, 7, 8);
            copy(writer, batch, 1, memory, GIB - 2 * PAGE, GIB - PAGE, GIB, GIB + PAGE);
        }
        assertPages(LAST, 1, 5, 6, 7, 8);
    }

    /** What a packet was begun with goes back: there are as many attempts as would use up everything there is. */
    @Test
    void shouldTakePagesWhenWritersBeforeGaveUpInTheMiddle() throws Exception {
        for (int attempt = 0; attempt <= BUFFERS; attempt++) {
            try (PageWriter writer = store.sink().openWriter()) {
                IoVector given = new IoVector(SLOTS);
                writer.prepare(batch(LAST, 30, 31), given);
                assertEquals(2 * PAGE, given.totalBytes());
            }
        }
        write(Way.RECEIVED, 1, LAST, 5);
        assertPages(LAST, 1, 5);
    }

    /** Each writer has its own pages, between those of all others, and writes them many times, or makes them zero. */
    @ParameterizedTest
    @EnumSource
    void shouldHoldLastContentsWhenWritersWorkSideBySide(Way way) throws Exception {
        int[] versions = new int[(int) LAST.pages()]; // each writer writes its own pages'
        List<Callable<?>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int own = i;
            writers.add(() -> {
                writeAtRandom(way, own, versions);
                return null;
            });
        }
        Threads.runTogether(writers);
        for (int page = 0; page < versions.length; page++) {
            assertPages(LAST, versions[page], page);
        }
    }

    private void writeAtRandom(Way way, int own, int[] versions) throws IOException, InterruptedException {
        Random random = new Random(own);
        try (PageWriter writer = store.sink().openWriter();
                MemoryRegion memory = MemoryRegion.allocate((long) SLOTS * PAGE)) {
            for (int version = 1; version <= 60; version++) {
                long[] pages = LongStream.iterate(own, page -> page < versions.length, page -> page + WRITERS)
                        .filter(page -> random.nextInt(3) == 0)
                        .limit(SLOTS)
                        .toArray();
                int normal = random.nextInt(pages.length + 1);
                PageBatch batch = batch(LAST);
                for (int slot = 0; slot < pages.length; slot++) {
                    if (slot < normal) {
                        batch.add(pages[slot] * PAGE);
                    } else {
                        batch.addZero(pages[slot] * PAGE);
                    }
                    versions[(int) pages[slot]] = slot < normal ? version : 0;
                }
                write(way, writer, batch, version, memory);
            }
            writer.flush();
        }
    }

    private static PageBatch batch(RamBlock block, long... pages) {
        PageBatch batch = new PageBatch(0, SLOTS);
        batch.begin(block);
        for (long page : pages) {
            batch.add(page * PAGE);
        }
        return batch;
    }

    private void write(Way way, int version, RamBlock block, long... pages) throws Exception {
        write(way, version, batch(block, pages));
    }

    private void write(Way way, int version, PageBatch batch) throws Exception {
        try (PageWriter writer = store.sink().openWriter();
                MemoryRegion memory = MemoryRegion.allocate((long) SLOTS * PAGE)) {
            write(way, writer, batch, version, memory);
            writer.flush();
        }
    }

    private static void write(Way way, PageWriter writer, PageBatch batch, int version, MemoryRegion memory)
            throws IOException, InterruptedException {
        if (way == Way.RECEIVED) {
            receive(writer, batch, version);
        } else {
            long[] positions = LongStream.range(0, batch.normalPages())
                    .map(slot -> slot * PAGE)
                    .toArray();
            copy(writer, batch, version, memory, positions);
        }
    }

    private static void receive(PageWriter writer, PageBatch batch, int version)
            throws IOException, InterruptedException {
        ByteBuffer incoming = ByteBuffer.allocate(batch.normalPages() * PAGE);
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            incoming.put(PagePattern.of(batch.block(), batch.offset(slot), version));
        }
        incoming.flip();
        IoVector into = new IoVector(SLOTS);
        writer.prepare(batch, into);
        assertEquals(incoming.remaining(), into.totalBytes());
        for (int i = 0; i < into.count(); i++) {
            ByteBuffer target = into.buffers()[i];
            int length = target.remaining();
            target.put(incoming.slice(incoming.position(), length));
            incoming.position(incoming.position() + length);
        }
        writer.commit(batch);
    }

    private static void copy(PageWriter writer, PageBatch batch, int version, MemoryRegion memory, long... positions)
            throws IOException, InterruptedException {
        LoadedPages pages = new LoadedPages(SLOTS);
        pages.begin(memory);
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            long position = positions[slot];
            pages.position(slot, position);
            memory.window(position)
                    .putBytes(
                            MemoryRegion.inWindow(position),
                            PagePattern.of(batch.block(), batch.offset(slot), version));
        }
        writer.write(batch, pages);
    }

    private void assertPages(RamBlock block, int version, long... pages) throws Exception {
        if (written == null) {
            written = store.finish();
        }
        for (long page : pages) {
            assertArrayEquals(
                    PagePattern.of(block, page * PAGE, version),
                    PageReading.page(written, block, page * PAGE),
                    () -> "block=" + block.name() + " page=" + page);
        }
    }
}
