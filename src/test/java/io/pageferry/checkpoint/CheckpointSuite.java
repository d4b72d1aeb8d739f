package io.pageferry.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.MachineType;
import io.pageferry.stream.Section;
import io.pageferry.testing.DeviceStates;
import io.pageferry.testing.PagePattern;
import io.pageferry.testing.Threads;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every kind of checkpoint does: what was written into it is there again, or nothing is. */
@Timeout(60)
public abstract class CheckpointSuite {
    private static final int PAGE = 4096;
    private static final int WRITERS = 4;
    private static final UUID GUEST = UUID.fromString("11223344-5566-7788-99aa-bbccddeeff00");
    private static final Section RAM = new Section(2, Section.RAM, 0, Section.RAM_VERSION);
    private static final Configuration CONFIGURATION =
            new Configuration(new MachineType("pc-q35-10.0"), OptionalInt.empty(), List.of(), Optional.of(GUEST));
    private static final RamLayout LAYOUT =
            new RamLayout(PAGE, List.of("pc.ram", "vga.vram"), new long[] {2048 * PAGE, 64 * PAGE});
    private static final RamLayout WITH_ADDRESSES = new RamLayout(
            PAGE, LAYOUT.names(), LAYOUT.lengthsBytes(), List.of(OptionalLong.of(0), OptionalLong.of(0xfd000000L)));
    private static final RamBlock LARGE = LAYOUT.block(0);
    private static final RamBlock SMALL = LAYOUT.block(1);
    private static final CheckpointFacts FACTS = CheckpointFacts.of(Optional.of(GUEST), Optional.of("CN=laptop"))
            .withOrder(7)
            .withCompleted(Instant.parse("2026-11-30T09:40:15Z"));

    private CheckpointPlace place;

    /** A place for checkpoints that has none yet. */
    protected abstract CheckpointPlace place() throws IOException;

    @BeforeEach
    void make() throws IOException {
        place = place();
    }

    @AfterEach
    void close() throws IOException {
        place.close();
    }

    @Test
    void shouldHaveAllThatItsSourceSaid() throws Exception {
        write(CONFIGURATION, _ -> {});
        try (Checkpoint checkpoint = opened()) {
            assertEquals("pc-q35-10.0", checkpoint.configuration().machineType().name());
            assertEquals(Optional.of(GUEST), checkpoint.configuration().uuid());
            assertEquals(LAYOUT, checkpoint.layout());
            assertEquals(RAM, checkpoint.ramSection());
            assertArrayEquals(DeviceStates.bytes(DeviceState.empty()), DeviceStates.bytes(checkpoint.deviceState()));
            assertEquals(FACTS, checkpoint.facts());
            assertEquals(List.of(), checkpoint.deviceStateBesideRam().pieces());
        }
    }

    @Test
    void shouldHaveNoFactsWhereNoneAreKnown() throws Exception {
        try (CheckpointWriter writer = place.create()) {
            writer.begin(CONFIGURATION, RAM, LAYOUT);
            writer.finish(DeviceState.empty());
            writer.complete(CheckpointFacts.NONE);
        }
        try (Checkpoint checkpoint = opened()) {
            assertEquals(CheckpointFacts.NONE, checkpoint.facts());
        }
    }

    @Test
    void shouldHaveThePagesThatWereWrittenAndZerosElsewhere() throws Exception {
        write(CONFIGURATION, sink -> {
            write(sink, LARGE, 1, 0, 1, 2, 40, 2047);
            write(sink, LARGE, 2, 1);
        });
        try (Checkpoint checkpoint = opened()) {
            assertEquals(5, checkpoint.present(LARGE).count());
            assertEquals(0, checkpoint.present(SMALL).count());
            assertEquals(PageState.PRESENT, checkpoint.state(LARGE, 40));
            assertEquals(PageState.ZERO, checkpoint.state(LARGE, 41));
            assertEquals(PageState.ZERO, checkpoint.state(SMALL, 0));
            assertArrayEquals(PagePattern.of(LARGE, PAGE, 2), page(checkpoint, LARGE, 1), "the last one wins");
            assertArrayEquals(PagePattern.of(LARGE, 2047 * PAGE, 1), page(checkpoint, LARGE, 2047));
            assertArrayEquals(new byte[PAGE], page(checkpoint, SMALL, 63));
        }
    }

    @Test
    void shouldReadZerosWhereAPageHasBecomeZero() throws Exception {
        write(CONFIGURATION, sink -> {
            write(sink, LARGE, 1, 5, 6, 7);
            sink.zero(LARGE, 6 * PAGE);
        });
        try (Checkpoint checkpoint = opened()) {
            assertArrayEquals(new byte[PAGE], page(checkpoint, LARGE, 6));
            assertArrayEquals(PagePattern.of(LARGE, 7 * PAGE, 1), page(checkpoint, LARGE, 7));
        }
    }

    @Test
    void shouldReadARangeWithAllThatIsBetween() throws Exception {
        write(CONFIGURATION, sink -> write(sink, LARGE, 1, 10, 11, 14));
        ByteBuffer expected = ByteBuffer.allocate(7 * PAGE);
        for (int page = 9; page < 16; page++) {
            expected.put(PagePattern.of(LARGE, page * PAGE, List.of(10, 11, 14).contains(page) ? 1 : 0));
        }
        try (Checkpoint checkpoint = opened()) {
            ByteBuffer range = ByteBuffer.allocateDirect(9 * PAGE);
            Arrays.asList(0, 8 * PAGE).forEach(outside -> range.putInt(outside, 0x5a5a5a5a));
            range.limit(8 * PAGE).position(PAGE);
            checkpoint.read(LARGE, 9 * PAGE, range);
            assertEquals(8 * PAGE, range.position());
            assertEquals(8 * PAGE, range.limit());
            assertEquals(expected.flip(), range.slice(PAGE, 7 * PAGE));
            assertEquals(0x5a5a5a5a, range.getInt(0));
            assertEquals(0x5a5a5a5a, range.clear().getInt(8 * PAGE));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "-4096, 4096", "0, 5000", "258048, 8192", "262144, 4096", "9223372036854771712, 4096"})
    void shouldRefuseARangeThatIsNotOfWholePagesOfTheBlock(long offset, int length) throws Exception {
        write(CONFIGURATION, _ -> {});
        try (Checkpoint checkpoint = opened()) {
            ByteBuffer range = ByteBuffer.allocate(length);
            assertThrows(IllegalArgumentException.class, () -> checkpoint.read(SMALL, offset, range));
            assertEquals(0, range.position());
        }
    }

    @Test
    void shouldTellRamThatLiesElsewhereFromZeros() throws Exception {
        Configuration shared = new Configuration(
                CONFIGURATION.machineType(),
                OptionalInt.empty(),
                List.of(Configuration.IGNORE_SHARED),
                Optional.empty());
        write(shared, WITH_ADDRESSES, sink -> write(sink, LARGE, 1, 3));
        try (Checkpoint checkpoint = opened()) {
            assertEquals(PageState.MISSING, checkpoint.state(SMALL, 3));
            assertEquals(PageState.ZERO, checkpoint.state(LARGE, 4));
            assertEquals(WITH_ADDRESSES, checkpoint.layout());
        }
    }

    @Test
    void shouldTakePagesFromManyThreadsInAnyOrder() throws Exception {
        write(CONFIGURATION, sink -> {
            List<Callable<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                long first = i;
                writers.add(() -> {
                    long[] pages = LongStream.range(0, LARGE.pages())
                            .map(page -> LARGE.pages() - 1 - page)
                            .filter(page -> page % WRITERS == first)
                            .toArray();
                    write(sink, LARGE, 1, pages);
                    return null;
                });
            }
            Threads.runTogether(writers);
        });
        try (Checkpoint checkpoint = opened()) {
            assertEquals(LARGE.pages(), checkpoint.present(LARGE).count());
            for (int page = 0; page < LARGE.pages(); page++) {
                assertArrayEquals(PagePattern.of(LARGE, (long) page * PAGE, 1), page(checkpoint, LARGE, page));
            }
            assertEquals(LARGE.pages(), CheckpointVerifier.verify(checkpoint).pages());
        }
    }

    @Test
    void shouldLoadPagesForASender() throws Exception {
        write(CONFIGURATION, sink -> write(sink, LARGE, 1, 8, 9, 100));
        try (Checkpoint checkpoint = opened();
                BufferPool buffers = new BufferPool(Multifd.PACKET_DATA_BYTES, PAGE, 1);
                PageLoader loader = checkpoint.withBuffers(buffers).openReader()) {
            PageBatch batch = batch(LARGE, 8, 9, 100);
            LoadedPages loaded = new LoadedPages(3);
            loader.load(batch, loaded);
            byte[] page = new byte[PAGE];
            for (int slot = 0; slot < 3; slot++) {
                long position = loaded.position(slot);
                loaded.region().window(position).getBytes(MemoryRegion.inWindow(position), page);
                assertArrayEquals(PagePattern.of(LARGE, batch.offset(slot), 1), page);
            }
        }
    }

    @Test
    void shouldKeepDeviceStateThatComesBesideRam() throws Exception {
        byte[] first = PagePattern.of(LARGE, 0, 1);
        byte[] second = Arrays.copyOf(PagePattern.of(LARGE, PAGE, 1), 1000);
        try (CheckpointWriter writer = place.create()) {
            writer.begin(CONFIGURATION, RAM, LAYOUT);
            for (byte[] content : List.of(first, second)) {
                writer.deviceStateSink()
                        .take(
                                new DeviceStatePiece("0000:00:04.0/vfio", 3, content.length),
                                into -> into.put(content, 0, into.remaining()));
            }
            writer.finish(DeviceState.empty());
            writer.complete(FACTS);
        }
        try (Checkpoint checkpoint = opened()) {
            DeviceStateSource kept = checkpoint.deviceStateBesideRam();
            assertEquals(
                    List.of(
                            new DeviceStatePiece("0000:00:04.0/vfio", 3, first.length),
                            new DeviceStatePiece("0000:00:04.0/vfio", 3, second.length)),
                    kept.pieces());
            ByteBuffer content = ByteBuffer.allocate(500);
            kept.read(1, 500, content);
            assertArrayEquals(Arrays.copyOfRange(second, 500, 1000), content.array());
            assertEquals(
                    first.length + second.length,
                    CheckpointVerifier.verify(checkpoint).bytesBesideRam());
        }
    }

    @Test
    void shouldSayHowMuchHasCome() throws Exception {
        try (CheckpointWriter writer = place.create()) {
            assertEquals(0, writer.presentBytes());
            assertEquals(0, writer.bytesOnDisk());
            PageSink sink = writer.begin(CONFIGURATION, RAM, LAYOUT);
            write(sink, LARGE, 1, 1, 2, 3);
            assertEquals(3 * PAGE, writer.presentBytes());
        }
    }

    @Test
    void shouldBeGoneWhenItIsClosedBeforeItIsComplete() throws Exception {
        try (CheckpointWriter writer = place.create()) {
            PageSink sink = writer.begin(CONFIGURATION, RAM, LAYOUT);
            write(sink, LARGE, 1, 1);
            assertTrue(place.open().isEmpty());
            writer.finish(DeviceState.empty());
            assertTrue(place.open().isEmpty(), "finished, and not complete");
        }
        assertTrue(place.open().isEmpty());
        assertEquals(0, place.leftovers());
    }

    @Test
    void shouldLeaveTheOldOneUntilAnotherIsComplete() throws Exception {
        write(CONFIGURATION, sink -> write(sink, LARGE, 1, 1));
        try (CheckpointWriter writer = place.create()) {
            write(writer.begin(CONFIGURATION, RAM, LAYOUT), LARGE, 2, 1);
            writer.finish(DeviceState.empty());
            try (Checkpoint old = opened()) {
                assertArrayEquals(PagePattern.of(LARGE, PAGE, 1), page(old, LARGE, 1));
            }
            writer.complete(FACTS.withOrder(8));
        }
        try (Checkpoint other = opened()) {
            assertArrayEquals(PagePattern.of(LARGE, PAGE, 2), page(other, LARGE, 1));
            assertEquals(FACTS.withOrder(8), other.facts());
        }
        assertEquals(0, place.leftovers());
    }

    @FunctionalInterface
    private interface Pages {
        void writeTo(PageSink sink) throws Exception;
    }

    private void write(Configuration configuration, Pages pages) throws Exception {
        write(configuration, LAYOUT, pages);
    }

    private void write(Configuration configuration, RamLayout layout, Pages pages) throws Exception {
        try (CheckpointWriter writer = place.create()) {
            pages.writeTo(writer.begin(configuration, RAM, layout));
            writer.finish(DeviceState.empty());
            writer.complete(FACTS);
        }
    }

    private Checkpoint opened() throws IOException {
        return place.open().orElseThrow();
    }

    private static void write(PageSink sink, RamBlock block, int version, long... pages)
            throws IOException, InterruptedException {
        try (PageWriter writer = sink.openWriter()) {
            IoVector into = new IoVector(1);
            for (long page : pages) {
                PageBatch batch = batch(block, page);
                into.clear();
                writer.prepare(batch, into);
                into.buffers()[0].put(PagePattern.of(block, page * PAGE, version));
                writer.commit(batch);
            }
            writer.flush();
        }
    }

    private static PageBatch batch(RamBlock block, long... pages) {
        PageBatch batch = new PageBatch(0, pages.length);
        batch.begin(block);
        for (long page : pages) {
            batch.add(page * PAGE);
        }
        return batch;
    }

    private static byte[] page(Checkpoint checkpoint, RamBlock block, long page) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(PAGE);
        checkpoint.read(block, page * PAGE, bytes);
        byte[] copy = new byte[PAGE];
        bytes.flip().get(copy);
        return copy;
    }
}
