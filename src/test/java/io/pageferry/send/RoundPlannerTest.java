package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ZeroPageDetection;
import io.pageferry.handoff.Lane;
import io.pageferry.handoff.Lane.Work;
import io.pageferry.handoff.Lanes;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Marks go in, batches come out; they are taken from the lane when the planner is done. */
@LeakFree
@Timeout(30)
class RoundPlannerTest {
    private static final int PAGE = 4096;
    private static final int SLOTS = 128;
    private static final RamLayout LAYOUT =
            new RamLayout(PAGE, List.of("first", "second"), new long[] {1000L * PAGE, 300L * PAGE});
    private static final RamBlock FIRST = LAYOUT.block(0);
    private static final RamBlock SECOND = LAYOUT.block(1);

    /** What was handed over, as the channel saw it. */
    private record Sent(RamBlock block, List<Long> normal, List<Long> zero) {}

    private final Lanes<SendJob> lanes = new Lanes<>(1, 64, RoundPlannerTest::emptyJob);
    private final List<Long> zerosOnMainChannel = new ArrayList<>();
    private GuestMemory memory;

    @BeforeEach
    void allocate() {
        memory = new GuestMemory(LAYOUT);
        // A page that nobody has touched is not read.
        LAYOUT.blocks().forEach(block -> memory.region(block).segment().fill((byte) 0));
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldHandOverNothingWhenNothingIsMarked() throws Exception {
        assertEquals(List.of(), send(inMemory(), ZeroPageDetection.MULTIFD, marks(FIRST), marks(SECOND)));
    }

    @ParameterizedTest
    @EnumSource(names = {"MULTIFD", "NONE"})
    void shouldHandOverMarkedPagesInTheirOrder(ZeroPageDetection detection) throws Exception {
        assertEquals(
                List.of(new Sent(FIRST, List.of(0L, 1L, 63L, 64L, 500L, 999L), List.of())),
                send(inMemory(), detection, marks(FIRST, 999, 0, 64, 63, 1, 500)));
    }

    @Test
    void shouldFillBatchesBeforeItBeginsNewOnes() throws Exception {
        long[] pages = LongStream.range(5, 5 + 2 * SLOTS + 3).toArray();
        List<Sent> sent = send(inMemory(), ZeroPageDetection.MULTIFD, marks(FIRST, pages));
        assertEquals(
                List.of(SLOTS, SLOTS, 3),
                sent.stream().map(batch -> batch.normal().size()).toList());
        assertEquals(5, sent.getFirst().normal().getFirst());
    }

    @Test
    void shouldHandOverWholeBatchOnceWhenItIsJustFull() throws Exception {
        long[] pages = LongStream.range(0, SLOTS).toArray();
        assertEquals(
                1,
                send(inMemory(), ZeroPageDetection.MULTIFD, marks(FIRST, pages)).size());
    }

    @Test
    void shouldNotMixBlocksInABatch() throws Exception {
        assertEquals(
                List.of(new Sent(FIRST, List.of(7L), List.of()), new Sent(SECOND, List.of(7L, 8L), List.of())),
                send(inMemory(), ZeroPageDetection.MULTIFD, marks(FIRST, 7), marks(SECOND, 7, 8)));
    }

    /** Nobody reads what is known to be zero. */
    @ParameterizedTest
    @EnumSource(names = {"MULTIFD", "NONE"})
    void shouldHandOverPagesThatAreNotPresentAsZeroPages(ZeroPageDetection detection) throws Exception {
        assertEquals(
                List.of(
                        new Sent(FIRST, List.of(3L, 5L), List.of()),
                        new Sent(FIRST, List.of(), List.of(1L, 2L, 4L, 999L))),
                send(atRest(3, 5, 6), detection, marks(FIRST, 1, 2, 3, 4, 5, 999)));
        assertEquals(List.of(), zerosOnMainChannel);
    }

    @Test
    void shouldFillBatchesOfZeroPages() throws Exception {
        List<Sent> sent = send(
                atRest(),
                ZeroPageDetection.MULTIFD,
                marks(FIRST, LongStream.range(0, SLOTS + 1).toArray()));
        assertEquals(
                List.of(SLOTS, 1),
                sent.stream().map(batch -> batch.zero().size()).toList());
    }

    @Test
    void shouldGiveZeroPagesToTheMainChannelWhenTheDestinationWantsThemThere() throws Exception {
        assertEquals(
                List.of(new Sent(FIRST, List.of(3L, 5L), List.of())),
                send(atRest(3, 5, 6), ZeroPageDetection.LEGACY, marks(FIRST, 1, 2, 3, 4, 5)));
        assertEquals(List.of(1L, 2L, 4L), zerosOnMainChannel);
    }

    @Test
    void shouldLookForZeroPagesItselfWhenTheMainChannelMustSendThem() throws Exception {
        fill(FIRST, 3, 5);
        assertEquals(
                List.of(new Sent(FIRST, List.of(3L, 5L), List.of())),
                send(inMemory(), ZeroPageDetection.LEGACY, marks(FIRST, 1, 2, 3, 4, 5, 6)));
        assertEquals(List.of(1L, 2L, 4L, 6L), zerosOnMainChannel);
    }

    @Test
    void shouldHandOverNothingWhenAllGoesThroughTheMainChannel() throws Exception {
        long[] pages = LongStream.range(0, 3 * SLOTS).toArray();
        fill(SECOND, 9);
        assertEquals(
                List.of(new Sent(SECOND, List.of(9L), List.of())),
                send(inMemory(), ZeroPageDetection.LEGACY, marks(FIRST, pages), marks(SECOND, 8, 9)));
        assertEquals(3 * SLOTS + 1, zerosOnMainChannel.size());
    }

    /** Looking at pages is the channels' work wherever they may do it. */
    @Test
    void shouldNotLookAtPagesWhenChannelsDo() throws Exception {
        assertEquals(
                List.of(new Sent(FIRST, List.of(1L, 2L), List.of())),
                send(inMemory(), ZeroPageDetection.MULTIFD, marks(FIRST, 1, 2)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldHandOverEachMarkedPageOnce(ZeroPageDetection detection) throws Exception {
        Random random = new Random(detection.ordinal());
        for (int round = 0; round < 10; round++) {
            zerosOnMainChannel.clear();
            long[] present = randomPages(random);
            long[] marked = randomPages(random);
            List<Long> all = new ArrayList<>();
            for (Sent sent : send(atRest(present), detection, marks(FIRST, marked))) {
                all.addAll(sent.normal());
                all.addAll(sent.zero());
            }
            all.addAll(zerosOnMainChannel);
            assertEquals(
                    LongStream.of(marked).boxed().toList(),
                    all.stream().sorted().toList());
        }
    }

    private static long[] randomPages(Random random) {
        return LongStream.range(0, FIRST.pages())
                .filter(page -> random.nextBoolean())
                .toArray();
    }

    /**
     * The more there is to do, the more is handed over at a time; in the end all channels are to be done at the same
     * time.
     */
    @Test
    void shouldHandOverSeveralBatchesAtATimeWhileThereAreMany() throws Exception {
        RamLayout large = new RamLayout(PAGE, List.of("ram"), new long[] {200L * SLOTS * PAGE});
        List<Integer> zeros = jobs(large, new PageBitmap(large.totalPages()), 0);
        assertEquals(SendJob.MOST_BATCHES, zeros.getFirst());
        assertEquals(1, zeros.getLast());
        assertEquals(zeros.stream().sorted(Comparator.reverseOrder()).toList(), zeros);
        PageBitmap present = new PageBitmap(large.totalPages());
        present.setAll();
        List<Integer> data = jobs(large, present, 0);
        assertEquals(SendJob.MOST_BATCHES_OF_DATA, data.getFirst());
        assertEquals(1, data.getLast());
        for (List<Integer> batches : List.of(zeros, data)) {
            assertEquals(200, batches.stream().mapToInt(Integer::intValue).sum());
        }
    }

    @Test
    void shouldHandOverOneBatchAtATimeUnderALimit() throws Exception {
        RamLayout large = new RamLayout(PAGE, List.of("ram"), new long[] {60L * SLOTS * PAGE});
        assertEquals(Collections.nCopies(60, 1), jobs(large, new PageBitmap(large.totalPages()), 1L << 50));
    }

    /** How many batches each job has, of a guest all of which is marked. */
    private List<Integer> jobs(RamLayout layout, PageBitmap present, long bytesPerSecond) throws Exception {
        Lanes<SendJob> wide = new Lanes<>(1, 128, RoundPlannerTest::emptyJob);
        PageBitmap marked = new PageBitmap(layout.totalPages());
        marked.setAll();
        try (RoundPlanner planner = new RoundPlanner(
                atRest(layout, present),
                JobTarget.of(wide),
                new SendJob[] {emptyJob(), emptyJob()},
                new RateLimiter(new BandwidthLimit(bytesPerSecond), () -> 0),
                ZeroPageDetection.MULTIFD,
                (block, offset) -> {})) {
            planner.send(layout.block(0), marked);
        }
        wide.finish();
        List<Integer> batches = new ArrayList<>();
        long next = 0;
        while (wide.lane(0).await() == Work.JOB) {
            SendJob job = wide.lane(0).job();
            batches.add(job.batches());
            for (int i = 0; i < job.batches(); i++) {
                assertEquals(next, job.batch(i).offset(0));
                next += (long) job.batch(i).pages() * PAGE;
            }
            wide.lane(0).jobDone();
        }
        return batches;
    }

    @Test
    void shouldSayWhenItHandedOver() throws Exception {
        long before = System.nanoTime();
        try (RoundPlanner planner = planner(inMemory(), ZeroPageDetection.MULTIFD)) {
            planner.send(FIRST, marks(FIRST, 1).bitmap());
        }
        assertEquals(Work.JOB, lanes.lane(0).await());
        long at = lanes.lane(0).job().handedOffNanos();
        assertTrue(at >= before && at <= System.nanoTime());
    }

    /** Marks of one block. */
    private record Marks(RamBlock block, PageBitmap bitmap) {}

    private static Marks marks(RamBlock block, long... pages) {
        return new Marks(block, bitmap(block, pages));
    }

    private static PageBitmap bitmap(RamBlock block, long... pages) {
        PageBitmap bitmap = new PageBitmap(block.pages());
        for (long page : pages) {
            bitmap.set(page);
        }
        return bitmap;
    }

    private List<Sent> send(LoadingPageSource source, ZeroPageDetection detection, Marks... rounds) throws Exception {
        Lane<SendJob> lane = lanes.lane(0);
        List<Sent> sent = new ArrayList<>();
        try (RoundPlanner planner = planner(source, detection)) {
            for (Marks marks : rounds) {
                planner.send(marks.block(), marks.bitmap());
            }
        }
        lanes.finish();
        while (lane.await() == Work.JOB) {
            SendJob job = lane.job();
            for (int i = 0; i < job.batches(); i++) {
                PageBatch batch = job.batch(i);
                sent.add(new Sent(
                        batch.block(),
                        pages(batch, 0, batch.normalPages()),
                        pages(batch, batch.normalPages(), batch.pages())));
            }
            lane.jobDone();
        }
        return sent;
    }

    private RoundPlanner planner(LoadingPageSource source, ZeroPageDetection detection) throws IOException {
        return new RoundPlanner(
                source,
                JobTarget.of(lanes),
                new SendJob[] {emptyJob(), emptyJob()},
                new RateLimiter(new BandwidthLimit(0), () -> 0),
                detection,
                (block, offset) -> zerosOnMainChannel.add(offset / PAGE));
    }

    private static List<Long> pages(PageBatch batch, int from, int to) {
        List<Long> pages = new ArrayList<>();
        for (int slot = from; slot < to; slot++) {
            pages.add(batch.offset(slot) / PAGE);
        }
        return pages;
    }

    private static SendJob emptyJob() {
        return new SendJob(SendJob.MOST_BATCHES, () -> new PageBatch(0, SLOTS));
    }

    private void fill(RamBlock block, long... pages) {
        for (long page : pages) {
            memory.region(block).window(0).putByte((int) page * PAGE + 77, (byte) 1);
        }
    }

    private LoadingPageSource inMemory() {
        return new MemoryPageSource(memory);
    }

    /** A source as an image is: it knows which pages of the first block it has, and reading them costs something. */
    private static LoadingPageSource atRest(long... present) {
        return atRest(LAYOUT, bitmap(FIRST, present));
    }

    private static LoadingPageSource atRest(RamLayout layout, PageBitmap bitmap) {
        return new LoadingPageSource() {
            @Override
            public RamLayout layout() {
                return layout;
            }

            @Override
            public PageBitmap present(RamBlock block) {
                return bitmap;
            }

            @Override
            public PageLoader openReader() {
                throw new AssertionError("pages must not be read by who plans");
            }
        };
    }
}
