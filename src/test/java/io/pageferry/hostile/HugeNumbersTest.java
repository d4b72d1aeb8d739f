package io.pageferry.hostile;

import static io.pageferry.hostile.Source.CONFIGURATION;
import static io.pageferry.hostile.Source.DATA_PACKET;
import static io.pageferry.hostile.Source.DEVICE_STATE;
import static io.pageferry.hostile.Source.FIRST_BLOCK;
import static io.pageferry.hostile.Source.MEM_SIZE_RECORD;
import static io.pageferry.hostile.Source.PART_SECTION;
import static io.pageferry.hostile.Source.SETUP_SECTION;
import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static io.pageferry.wire.RamPacketFlyweight.NEXT_PACKET_SIZE_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.NORMAL_PAGES_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.PAGES_ALLOC_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.ZERO_PAGES_FIELD_OFFSET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A source that says huge numbers: they cost nothing. */
@LeakFree
@Timeout(60)
class HugeNumbersTest {
    /** What a migration of this kind takes, and the test itself. */
    private static final long HEAP_LIMIT_BYTES = 32L << 20;

    private static final long DIRECT_LIMIT_BYTES = 4L << 20;

    /** A buffer for the pages of a packet a channel. */
    private static final long REGIONS = Source.CHANNELS;

    private static final int MAIN = 0;
    private static final int CHANNEL_0 = 1;
    private static final int HUGE = 0x7fff_f000;

    @TempDir
    Path folder;

    private static Arguments row(String number, UnaryOperator<Source> spoil) {
        return Arguments.of(number, spoil);
    }

    static Stream<Arguments> numbers() {
        return Stream.of(
                row("length of the machine type", source -> source.withU32(MAIN, CONFIGURATION + 1, HUGE)),
                row("count of capabilities", source -> source.insert(MAIN, SETUP_SECTION, capabilities(HUGE))),
                row("RAM in all", source -> source.withU64(MAIN, MEM_SIZE_RECORD, 1L << 62 | 4)),
                row("length of a block", source -> source.withU64(MAIN, FIRST_BLOCK + 7, 1L << 62)),
                row("length of a ping", source -> source.insert(MAIN, SETUP_SECTION, ping(0xffff))),
                row("length of the vmdescription", source -> source.withU32(MAIN, DEVICE_STATE + 2, HUGE)),
                row("slots", source -> source.withU32(CHANNEL_0, DATA_PACKET + PAGES_ALLOC_FIELD_OFFSET, HUGE)),
                row("normal pages", source -> source.withU32(CHANNEL_0, DATA_PACKET + NORMAL_PAGES_FIELD_OFFSET, HUGE)),
                row("zero pages", source -> source.withU32(CHANNEL_0, DATA_PACKET + ZERO_PAGES_FIELD_OFFSET, HUGE)),
                row(
                        "page data",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + NEXT_PACKET_SIZE_FIELD_OFFSET, HUGE)),
                row("device state", source -> source.insert(CHANNEL_0, DATA_PACKET, deviceState(HUGE))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("numbers")
    void shouldTakeNoMemoryForANumber(String number, UnaryOperator<Source> spoil) throws Exception {
        migrate(new Source()); // loads classes
        Source source = spoil.apply(new Source());
        long heap = allocatedBytes();
        long direct = directBytes();
        long regionsBefore = MemoryRegion.openRegions();
        MigrationOutcome outcome;
        long regions;
        try (Intake intake = Intake.start(newFolder());
                Peer peer = new Peer()) {
            sendAll(intake, peer, source);
            outcome = intake.awaitEnd();
            regions = MemoryRegion.openRegions() - regionsBefore;
            peer.awaitClosed();
        }
        assertEquals(MigrationStatus.FAILED, outcome.status());
        assertTrue(outcome.failure().orElseThrow() instanceof IOException);
        requireLittle(HEAP_LIMIT_BYTES, allocatedBytes() - heap);
        requireLittle(DIRECT_LIMIT_BYTES, directBytes() - direct);
        requireLittle(REGIONS, regions);
    }

    /**
     * As large as it may be by default, and not one page of it comes: that costs a bitmap, and a file with nothing in
     * it.
     */
    @Test
    void shouldTakeABitmapForTheLargestGuestThereIs() throws Exception {
        migrate(new Source());
        long size = MigrationParameters.DEFAULT_MAX_RAM;
        Source source = new Source()
                .withU64(MAIN, MEM_SIZE_RECORD, size | 4)
                .withU64(MAIN, FIRST_BLOCK + 7, size)
                .cut(MAIN, PART_SECTION);
        long heap = allocatedBytes();
        try (Intake intake = Intake.start(newFolder(), settings -> settings.maxRam(size));
                Peer peer = new Peer()) {
            sendAll(intake, peer, source);
            requireMatch("stream must not end in the middle: *", intake.awaitFailure());
            peer.awaitClosed();
        }
        requireLittle(HEAP_LIMIT_BYTES + size / Source.PAGE / Byte.SIZE, allocatedBytes() - heap);
    }

    private static void requireLittle(long limit, long amount) {
        assertTrue(amount <= limit, () -> "amount=" + amount + " limit=" + limit);
    }

    private Path newFolder() throws IOException {
        return Files.createTempDirectory(folder, "run");
    }

    private void migrate(Source source) throws Exception {
        try (Intake intake = Intake.start(newFolder());
                Peer peer = new Peer()) {
            sendAll(intake, peer, source);
            assertTrue(intake.awaitEnd().completed());
            peer.awaitClosed();
        }
    }

    private static void sendAll(Intake intake, Peer peer, Source source) throws IOException {
        for (byte[] connection : source.connections) {
            peer.send(intake.uri(), connection, Peer.Then.CLOSE);
        }
    }

    private static byte[] capabilities(int count) {
        return new StreamBytes()
                .u8(5)
                .name("configuration/capabilities")
                .u32(1)
                .u32(count)
                .toBytes();
    }

    private static byte[] ping(int length) {
        return new StreamBytes().u8(8).u16(2).u16(length).toBytes();
    }

    private static byte[] deviceState(int length) {
        return new StreamBytes()
                .u32(0x11223344)
                .u32(1)
                .u32(0x40)
                .text("vfio")
                .raw(new byte[252])
                .u32(0)
                .u32(length)
                .toBytes();
    }

    /** By all threads so far, those that have ended too. */
    private static long allocatedBytes() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
