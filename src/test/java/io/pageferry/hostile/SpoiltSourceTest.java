package io.pageferry.hostile;

import static io.pageferry.hostile.Source.CONFIGURATION;
import static io.pageferry.hostile.Source.DATA_PACKET;
import static io.pageferry.hostile.Source.FIRST_BLOCK;
import static io.pageferry.hostile.Source.FLUSH_RECORD;
import static io.pageferry.hostile.Source.LAST_SYNC_PACKET;
import static io.pageferry.hostile.Source.MEM_SIZE_RECORD;
import static io.pageferry.hostile.Source.PAGE;
import static io.pageferry.hostile.Source.PAGE_DATA;
import static io.pageferry.hostile.Source.SETUP_SECTION;
import static io.pageferry.hostile.Source.SYNC_PACKET;
import static io.pageferry.wire.RamPacketFlyweight.NEXT_PACKET_SIZE_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.NORMAL_PAGES_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.OFFSETS_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.PAGES_ALLOC_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.RAM_BLOCK_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.ZERO_PAGES_FIELD_OFFSET;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A source that is wrong in one place: the migration ends at once with a line that says where, and nothing is left of
 * it.
 */
@LeakFree
@Timeout(60)
class SpoiltSourceTest {
    private static final int FLAGS = 8;
    private static final int MAIN = 0;
    private static final int CHANNEL_0 = 1;

    @TempDir
    Path folder;

    private static Arguments row(String what, UnaryOperator<Source> spoil, String line) {
        return Arguments.of(what, spoil, line);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static Stream<Arguments> initialPackets() {
        return Stream.of(
                row(
                        "HTTP",
                        source -> source.replace(MAIN, ascii("GET / HTTP/1.1\r\nHost: there\r\n\r\n")),
                        "connection must begin as a main or a multifd channel: peer=* firstBytes=0x47455420 (\"GET"
                                + " \")"),
                row(
                        "TLS",
                        source -> source.replace(CHANNEL_0, new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1}),
                        "source must not speak TLS where tls-creds are not set, set them on both ends or on none:"
                                + " peer=* firstBytes=0x16030102"),
                row(
                        "less than a magic",
                        source -> source.cut(CHANNEL_0, 3),
                        "peer must not close inside a message: connection from * awaited=\"first four bytes\" got=3"
                                + " missing=1"),
                row(
                        "half a packet",
                        source -> source.cut(CHANNEL_0, 40),
                        "peer must not close inside a message: connection from * awaited=\"initial packet\" got=40"
                                + " missing=24"),
                row(
                        "version",
                        source -> source.withU32(CHANNEL_0, 4, 2),
                        "initial packet's version must be 1: channel=0 version=2"),
                row(
                        "uuid of another guest",
                        source -> source.withU32(CHANNEL_0, 8, -1),
                        "initial packet must be of this guest: channel=* uuid=* expected=*"),
                row(
                        "id not below the number",
                        source -> source.with(CHANNEL_0, 24, new byte[] {2}),
                        "channel id must be below multifd-channels, set it as the source has it: channel=2"
                                + " multifd-channels=2"),
                row(
                        "id twice",
                        source -> source.with(CHANNEL_0, 24, new byte[] {1}),
                        "channel id must be new: channel=1 first=* second=*"),
                row(
                        "second main channel",
                        source -> source.replace(CHANNEL_0, source.main()),
                        "migration must have one main channel: first=* second=*"));
    }

    static Stream<Arguments> packets() {
        return Stream.of(
                row(
                        "magic",
                        source -> source.withU32(CHANNEL_0, SYNC_PACKET, 0x11223345),
                        "packet's magic must be 0x11223344: channel=0 magic=0x11223345"),
                row(
                        "version",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + 4, 7),
                        "packet's version must be 1: channel=0 version=7"),
                row(
                        "unknown flag",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + FLAGS, 0x80),
                        "packet must have known flags only: channel=0 flags=0x80 unknown=0x80"),
                row(
                        "compression",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + FLAGS, 0x04),
                        "packet's compression must be the agreed one, set multifd-compression as the source has it:"
                                + " channel=0 compression=zstd agreed=none flags=0x4"),
                row(
                        "too many slots",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + PAGES_ALLOC_FIELD_OFFSET, 129),
                        "packet's pages_alloc must be 128 at the most: channel=0 pages_alloc=129"),
                row(
                        "too many pages",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + NORMAL_PAGES_FIELD_OFFSET, -1),
                        "packet's normal_pages must be 128 at the most: channel=0 normal_pages=4294967295"),
                row(
                        "too many zero pages",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + ZERO_PAGES_FIELD_OFFSET, 127),
                        "packet's zero_pages must be 126 at the most: channel=0 zero_pages=127"),
                row(
                        "data size",
                        source -> source.withU32(CHANNEL_0, DATA_PACKET + NEXT_PACKET_SIZE_FIELD_OFFSET, PAGE),
                        "packet's next_packet_size must be its normal pages' size: channel=0 next_packet_size=4096"
                                + " normal_pages=2 expected=8192"),
                row(
                        "unknown block",
                        source -> source.with(CHANNEL_0, DATA_PACKET + RAM_BLOCK_FIELD_OFFSET, ascii("pc.rom")),
                        "packet's block must be one of the guest's: channel=0 block=pc.rom"),
                row(
                        "offset in a page",
                        source -> source.withU64(CHANNEL_0, DATA_PACKET + OFFSETS_FIELD_OFFSET, 512),
                        "page offset must be a multiple of the page size: channel=0 block=pc.ram offset=0x200"
                                + " pageSize=4096"),
                row(
                        "offset past the block",
                        source -> source.withU64(CHANNEL_0, DATA_PACKET + OFFSETS_FIELD_OFFSET, 64 * PAGE),
                        "page offset must lie in its block: channel=0 block=pc.ram offset=0x40000 length=0x40000"),
                row(
                        "negative offset",
                        source -> source.withU64(CHANNEL_0, DATA_PACKET + OFFSETS_FIELD_OFFSET, -PAGE),
                        "page offset must lie in its block: channel=0 block=pc.ram offset=0xfffffffffffff000"
                                + " length=0x40000"),
                row(
                        "zero page's offset",
                        source -> source.withU64(CHANNEL_0, DATA_PACKET + OFFSETS_FIELD_OFFSET + 16, 1),
                        "page offset must be a multiple of the page size: channel=0 block=pc.ram offset=0x1"
                                + " pageSize=4096"),
                row(
                        "end in a header",
                        source -> source.cut(CHANNEL_0, DATA_PACKET + 5),
                        "peer must not close inside a message: channel=0 awaited=\"packet\" got=5 missing=7"),
                row(
                        "end in a packet",
                        source -> source.cut(CHANNEL_0, DATA_PACKET + 100),
                        "peer must not close * message*: channel=0 awaited=\"packet\"*"),
                row(
                        "end in page data",
                        source -> source.cut(CHANNEL_0, PAGE_DATA + 100),
                        "peer must not close inside a message: channel=0 awaited=\"page data\" got=100 missing=8092"),
                row(
                        "end before SYNC",
                        source -> source.cut(CHANNEL_0, LAST_SYNC_PACKET),
                        "channel must send SYNC before it closes: channels={0}"));
    }

    static Stream<Arguments> deviceState() {
        return Stream.of(
                row(
                        "no name",
                        source -> deviceState(source, "", 8),
                        "device-state packet must name its device: channel=0 instance=1"),
                row(
                        "name that does not end",
                        source -> deviceState(source, "x".repeat(256), 8),
                        "device-state packet's idstr must end with a NUL: channel=0 idstr=*"),
                row(
                        "no data",
                        source -> deviceState(source, "vfio", 0),
                        "device-state packet must have data: channel=0 device=vfio"),
                row(
                        "huge length",
                        source -> deviceState(source, "vfio", -1),
                        "device-state packet's data must be 16777216 bytes at the most: channel=0 device=vfio"
                                + " length=4294967295"),
                row(
                        "name that cannot be shown",
                        source -> deviceState(source, "vf\u0007io", 8),
                        "device-state packet's idstr must be printable ASCII: channel=0 idstr=vf?io"),
                row(
                        "SYNC",
                        source -> deviceState(source, "vfio", 8).withU32(CHANNEL_0, DATA_PACKET + FLAGS, 0x41),
                        "device-state packet must not be a SYNC: channel=0 flags=0x41"),
                row(
                        "end in its data",
                        source -> deviceState(source, "vfio", 4096).cut(CHANNEL_0, DATA_PACKET + 276 + 1024),
                        "peer must not close * message*: channel=0 awaited=\"device state\"*"),
                row(
                        "more in all than there may be",
                        source -> deviceState(source, "vfio", 1 << 20),
                        "device state beside RAM must not be more than max-device-state: device=vfio #1 bytes=1048852"
                                + " max-device-state=1048576"));
    }

    private static Source deviceState(Source source, String name, int length) {
        StreamBytes packet =
                new StreamBytes().u32(0x11223344).u32(1).u32(0x40).text(name).raw(new byte[256 - name.length()]);
        return source.insert(
                CHANNEL_0,
                DATA_PACKET,
                packet.u32(1).u32(length).raw(new byte[1024]).toBytes());
    }

    static Stream<Arguments> mainStreams() {
        return Stream.of(
                row("version", source -> source.withU32(MAIN, 4, 2), "stream's version must be 3: version=2"),
                row(
                        "no configuration",
                        source -> source.with(MAIN, CONFIGURATION, new byte[] {4}),
                        "configuration section must come first: type=0x4"),
                row(
                        "huge machine name",
                        source -> source.withU32(MAIN, CONFIGURATION + 1, Integer.MAX_VALUE),
                        "machine type's name must be 1 to 255 bytes: length=2147483647"),
                row(
                        "unknown section",
                        source -> source.with(MAIN, SETUP_SECTION, new byte[] {0x33}),
                        "section type must be one that can stand before the end of RAM: type=0x33 position=*"),
                row(
                        "section of somebody else",
                        source -> source.with(MAIN, SETUP_SECTION + 6, ascii("rom")),
                        "section before the end of RAM must be one that can be read here: section=rom instance=0"
                                + " type=0x1"),
                row(
                        "RAM's version",
                        source -> source.withU32(MAIN, SETUP_SECTION + 13, 3),
                        "RAM section's version must be 4: version=3"),
                row(
                        "guest over max-ram",
                        source -> source.withU64(MAIN, MEM_SIZE_RECORD, (2 << 20) | 4),
                        "guest must not be larger than max-ram: total=2097152 max-ram=1048576"),
                row(
                        "huge guest",
                        source -> source.withU64(MAIN, MEM_SIZE_RECORD, -4096 | 4),
                        "guest must not be larger than max-ram: total=18446744073709547520 max-ram=1048576"),
                row(
                        "block of half a page",
                        source -> source.withU64(MAIN, FIRST_BLOCK + 7, 512),
                        "RAM block must be whole pages: block=pc.ram length=0x200 pageSize=4096"),
                row(
                        "blocks over the total",
                        source -> source.withU64(MAIN, FIRST_BLOCK + 7, 65L * PAGE),
                        "RAM blocks must add up to the total: block=pc.ram length=0x41000 total=0x40000 left=0x40000"),
                row(
                        "unknown record",
                        source -> source.withU64(MAIN, FLUSH_RECORD, 0x800),
                        "RAM record must have one known flag: flags=0x800 unknown=0x800 position=*"),
                row(
                        "compressed page",
                        source -> source.withU64(MAIN, FLUSH_RECORD, 0x40),
                        "RAM record must not be compressed, turn off xbzrle: flags=0x40 position=*"),
                row(
                        "page of an unknown block",
                        source -> source.insert(
                                MAIN,
                                FLUSH_RECORD,
                                new StreamBytes().u64(0x08).name("pc.rom").toBytes()),
                        "*block=pc.rom*"),
                row(
                        "page past its block",
                        source -> source.insert(
                                MAIN,
                                FLUSH_RECORD,
                                new StreamBytes()
                                        .u64(64 * PAGE | 2)
                                        .name("pc.ram")
                                        .u8(0)
                                        .toBytes()),
                        "*block=pc.ram*0x40000*"),
                row("wrong footer", source -> source.withU32(MAIN, FLUSH_RECORD + 17, 9), "*footer*"),
                row(
                        "postcopy command",
                        source -> source.insert(
                                MAIN,
                                SETUP_SECTION,
                                new StreamBytes()
                                        .u8(8)
                                        .u16(7)
                                        .u16(16)
                                        .raw(new byte[16])
                                        .toBytes()),
                        "*command*"),
                row(
                        "end in the middle",
                        source -> source.cut(MAIN, FLUSH_RECORD + 3),
                        "stream must not end in the middle: awaited=\"RAM record\" *"),
                row(
                        "no end of the RAM section",
                        source -> source.cut(MAIN, FLUSH_RECORD + 21),
                        "stream must not end in the middle: awaited=\"section type\" *"),
                row(
                        "no vmdescription",
                        source -> source.cut(MAIN, source.main().length - 4),
                        "stream must end with its vmdescription, do not suppress it (suppress-vmdesc): *"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"initialPackets", "packets", "deviceState", "mainStreams"})
    void shouldEndWithItsReasonAndLeaveNothing(String what, UnaryOperator<Source> spoil, String line) throws Exception {
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            for (byte[] connection : spoil.apply(new Source()).connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            requireMatch(line, intake.awaitFailure());
            peer.awaitClosed();
        }
    }

    static void requireMatch(String pattern, String line) {
        String regex = Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        assertTrue(line.matches(regex), "expected: " + pattern + "\n     was: " + line);
    }
}
