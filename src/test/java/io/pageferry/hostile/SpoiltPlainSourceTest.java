package io.pageferry.hostile;

import static io.pageferry.hostile.PlainSource.COMPRESS;
import static io.pageferry.hostile.PlainSource.PAGE_RECORD;
import static io.pageferry.hostile.PlainSource.XBZRLE;
import static io.pageferry.hostile.PlainSource.ZERO;
import static io.pageferry.hostile.PlainSource.compressed;
import static io.pageferry.hostile.PlainSource.deflate;
import static io.pageferry.hostile.PlainSource.page;
import static io.pageferry.hostile.PlainSource.record;
import static io.pageferry.hostile.PlainSource.xbzrle;
import static io.pageferry.hostile.Source.PAGE;
import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.SectionBytes;
import io.pageferry.testing.StreamBytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A source without multifd that is wrong in one place: the migration ends at once with a line that says where, the
 * source is told where it listens, and nothing is left.
 */
@LeakFree
@Timeout(60)
class SpoiltPlainSourceTest {
    private static final String SHORT_STREAM = "stream must not end in the middle: awaited=";

    @TempDir
    Path folder;

    private static Arguments row(String what, StreamBytes records, String line) {
        return Arguments.of(what, (Consumer<PlainSource>) source -> source.records(records), line);
    }

    private static Arguments stream(String what, Consumer<PlainSource> spoil, String line) {
        return Arguments.of(what, spoil, line);
    }

    private static StreamBytes named(String block, long record) {
        return new StreamBytes().u64(record).name(block);
    }

    static Stream<Arguments> records() {
        return Stream.of(
                row(
                        "zero page's byte",
                        record(1, ZERO).u8(5),
                        "zero page's byte must be 0: block=pc.ram offset=0x1000 value=5"),
                row(
                        "unknown block",
                        named("pc.rom", ZERO).u8(0),
                        "RAM record's block must be one of the guest's: block=pc.rom"),
                row(
                        "offset past the block",
                        record(64, PAGE_RECORD).raw(page(1)),
                        "page offset must lie in its block: block=pc.ram offset=0x40000 length=0x40000"),
                row(
                        "negative offset",
                        new StreamBytes().u64(-PAGE | ZERO | 0x20).u8(0),
                        "page offset must lie in its block: block=pc.ram offset=0xfffffffffffff000 length=0x40000"),
                row("unknown record", record(1, 0x400), "RAM record must have one known flag: flags=0x420 *"),
                row("RDMA", record(1, 0x80), "RAM record must have one known flag: flags=0xa0 unknown=0x0 position=*"),
                row(
                        "two kinds in one record",
                        record(1, ZERO | PAGE_RECORD).u8(0),
                        "RAM record must have one known flag: flags=0x2a unknown=0x0 position=*"),
                row(
                        "second list of blocks",
                        new StreamBytes().u64(PAGE | 4).name("pc.ram").u64(PAGE),
                        "list of RAM blocks must come once: position=*"),
                row(
                        "sync of channels",
                        new StreamBytes().u64(0x200),
                        "stream without multifd channels must have no sync of them: position=*"),
                row(
                        "page that is cut",
                        record(1, PAGE_RECORD).raw(new byte[PAGE - 1]),
                        "*must have one known flag: *"));
    }

    static Stream<Arguments> encoded() {
        byte[] two =
                new StreamBytes().raw(deflate(page(3))).raw(deflate(page(3))).toBytes();
        byte[] cut = Arrays.copyOf(deflate(page(3)), 10);
        return Stream.of(
                row(
                        "unknown encoding",
                        record(0, XBZRLE).u8(2).u16(1).u8(0),
                        "XBZRLE page's encoding must be 1: block=pc.ram offset=0x0 encoding=2"),
                row(
                        "XBZRLE longer than a page",
                        record(0, XBZRLE).u8(1).u16(PAGE + 1),
                        "XBZRLE page must not be longer than a page: block=pc.ram offset=0x0 length=4097"
                                + " pageSize=4096"),
                row(
                        "XBZRLE past the page",
                        xbzrle(0, (byte) 0xff, (byte) 0x1f, (byte) 2, (byte) 1, (byte) 1),
                        "XBZRLE run must end within the page: offset=4095 length=2 block=pc.ram pageOffset=0x0"
                                + " position=*"),
                row(
                        "XBZRLE of nothing",
                        xbzrle(0, (byte) 0, (byte) 0),
                        "XBZRLE run of changed bytes must not be empty: *"),
                row(
                        "XBZRLE that is cut",
                        xbzrle(0, (byte) 0, (byte) 2, (byte) 1),
                        "XBZRLE run of changed bytes must be there: *"),
                row(
                        "compressed page of no bytes",
                        record(1, COMPRESS).u32(0),
                        "compressed page's length must be 1 to 4164: block=pc.ram offset=0x1000 length=0"),
                row(
                        "compressed page that is too long",
                        record(1, COMPRESS).u32(-1),
                        "compressed page's length must be 1 to 4164: block=pc.ram offset=0x1000 length=4294967295"),
                row("no zlib", compressed(1, new byte[100]), "deflate stream must be sound: reason=\"*"),
                row("zlib that is cut", compressed(1, cut), "deflate stream must end in its data: unpacked=*"),
                row(
                        "two zlib streams",
                        compressed(1, two),
                        "packed page must be one deflate stream of just a page: missing=0 left=*"),
                row(
                        "less than a page",
                        compressed(1, deflate(new byte[PAGE - 1])),
                        "packed page must be one deflate stream of just a page: missing=1 left=0 *"),
                row(
                        "more than a page",
                        compressed(1, deflate(new byte[PAGE + 1])),
                        "deflate stream must have no more than its pages: room=4096 *"));
    }

    static Stream<Arguments> streams() {
        return Stream.of(
                stream(
                        "wrong footer",
                        source -> source.behindPart = new StreamBytes()
                                .u8(2)
                                .u32(2)
                                .u64(0x10)
                                .u8(0x7e)
                                .u32(3)
                                .toBytes(),
                        "section must end with its footer: section=ram id=2 type=0x7e footerId=3 position=*"),
                stream(
                        "part of nothing",
                        source -> source.behindPart = SectionBytes.next(SectionBytes.PART, 99, new byte[0]),
                        "section's part must belong to a section that was begun: id=99"),
                stream(
                        "RAM begins twice",
                        source -> source.behindPart = new StreamBytes()
                                .u8(1)
                                .u32(5)
                                .name("ram")
                                .u32(0)
                                .u32(4)
                                .toBytes(),
                        "RAM section must begin once: position=*"),
                stream(
                        "postcopy",
                        source -> source.behindPart =
                                new StreamBytes().u8(8).u16(4).u16(0).toBytes(),
                        "command must be one of a precopy migration: *"),
                stream(
                        "unknown section",
                        source -> source.behindPart = SectionBytes.begun(SectionBytes.START, 9, "rtc", new byte[8]),
                        "section before the end of RAM must be one that can be read here: section=rtc *"),
                stream(
                        "unknown FULL before RAM",
                        source -> source.beforeRam = PlainSource.device(8),
                        "section before the end of RAM must be one that can be read here: section=rtc *"),
                stream("no end", source -> source.deviceState = new byte[0], "stream must end with its vmdescription*"),
                stream(
                        "no end of RAM",
                        source -> source.endOfRam = new byte[0],
                        "section type must be one that can stand before the end of RAM: type=0x0 position=*"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"records", "encoded", "streams"})
    void shouldEndWithItsReasonAndLeaveNothing(String what, Consumer<PlainSource> spoil, String line) throws Exception {
        PlainSource source = new PlainSource();
        spoil.accept(source);
        requireRefused(source.toBytes(), line).close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"records", "encoded"})
    void shouldTellASourceThatListens(String what, Consumer<PlainSource> spoil, String line) throws Exception {
        PlainSource source = new PlainSource().withReturnPath();
        spoil.accept(source);
        try (Peer peer = requireRefused(source.toBytes(), line)) {
            byte[] failed = new StreamBytes().u16(1).u16(4).u32(1).toBytes();
            byte[] said = peer.answers(0);
            assertTrue(said.length >= failed.length, () -> "said=" + Arrays.toString(said));
            assertArrayEquals(failed, Arrays.copyOfRange(said, said.length - failed.length, said.length));
        }
    }

    /** A source with channels, none of which has come: all its other pages would be missing. */
    @Test
    void shouldRefuseAGuestThatMayHaveChannels() throws Exception {
        PlainSource source = new PlainSource();
        byte[] zeros = new StreamBytes()
                .u8(SectionBytes.PART)
                .u32(PlainSource.RAM_SECTION)
                .u64(ZERO)
                .name("pc.ram")
                .u8(0)
                .raw(PlainSource.endOfRecords())
                .toBytes();
        byte[] stream = new StreamBytes()
                .raw(source.beginning())
                .raw(zeros)
                .raw(source.endOfRam)
                .raw(source.deviceState)
                .toBytes();
        String line = "guest without multifd channels must have a page that is not zero, set multifd and"
                + " multifd-channels alike on both ends: zeroPages=1*";
        requireRefused(stream, line).close();
    }

    private Peer requireRefused(byte[] stream, String line) throws Exception {
        Peer peer = new Peer();
        try (Intake intake = Intake.start(folder)) {
            peer.send(intake.uri(), stream, Peer.Then.CLOSE);
            requireMatch(line, intake.awaitFailure());
            peer.awaitClosed();
        }
        return peer;
    }

    /** Wherever a stream breaks off. */
    @Test
    void shouldSayWhereAStreamBreaksOff() throws Exception {
        byte[] whole = new PlainSource().records(record(1, ZERO).u8(0)).toBytes();
        int firstPage = new PlainSource().beginning().length + 5;
        List<Integer> places = Stream.concat(
                        Stream.iterate(firstPage + 20, place -> place < firstPage + PAGE, place -> place + 1000),
                        Stream.iterate(firstPage + PAGE + 15, place -> place < whole.length, place -> place + 1))
                .toList();
        for (int place : places) {
            try (Intake intake = Intake.start(folder);
                    Peer peer = new Peer()) {
                peer.send(intake.uri(), Arrays.copyOf(whole, place), Peer.Then.CLOSE);
                String line = intake.awaitFailure();
                assertTrue(
                        line.startsWith(SHORT_STREAM) || line.startsWith("stream must end with its vmdescription"),
                        line);
                peer.awaitClosed();
            }
        }
    }

    static Stream<Arguments> snapshots() {
        String where = "device's section must ";
        return Stream.of(
                Arguments.of(PlainSource.device(4), PlainSource.described(), where + "end with its footer *"),
                Arguments.of(PlainSource.device(9), PlainSource.described(), where + "end with its footer *"),
                Arguments.of(
                        PlainSource.device(8),
                        PlainSource.described().replace("rtc", "pit"),
                        where + "have its name, instance and version *"),
                Arguments.of(
                        PlainSource.device(8),
                        "",
                        "device sections must be those of the vmdescription, and no others: *"),
                Arguments.of(
                        PlainSource.device(8),
                        PlainSource.described() + ", " + PlainSource.described(),
                        where + "begin *"));
    }

    /** What comes in the place of RAM's end is taken for device state only where it is just what is described. */
    @ParameterizedTest(name = "{2}")
    @MethodSource("snapshots")
    void shouldRefuseASnapshotWhoseDevicesAreNotAsDescribed(byte[] devices, String described, String line)
            throws Exception {
        PlainSource source = new PlainSource();
        source.endOfRam = new byte[0];
        source.deviceState = PlainSource.deviceState(devices, described);
        requireRefused(source.toBytes(), line).close();
    }

    @Test
    void shouldTakeNoSnapshotOfASourceThatListens() throws Exception {
        PlainSource source = new PlainSource().withReturnPath();
        source.endOfRam = new byte[0];
        source.deviceState = PlainSource.deviceState(PlainSource.device(8), PlainSource.described());
        requireRefused(
                        source.toBytes(),
                        "section before the end of RAM must be one that can be read here: section=rtc instance=0"
                                + " type=0x4")
                .close();
    }

    /** In its first section, in a record, in a page, between sections, in its device state. */
    @ParameterizedTest
    @ValueSource(ints = {0, 9, 100, PAGE + 19, PAGE + 32, PAGE + 60})
    void shouldEndAtDeadlineWhenSourceIsSilent(int behindBeginning) throws Exception {
        byte[] whole = new PlainSource().toBytes();
        int length = new PlainSource().beginning().length + behindBeginning;
        try (Intake intake = Intake.start(folder, Duration.ofMillis(300));
                Peer peer = new Peer()) {
            peer.send(intake.uri(), Arrays.copyOf(whole, length), Peer.Then.SILENCE);
            requireMatch(
                    "peer must not be silent for longer than stall-timeout: * awaited=* stall-timeout=300 ms",
                    intake.awaitFailure());
            peer.awaitClosed();
        }
    }
}
