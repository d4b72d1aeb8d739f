package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.StreamBytes;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Main streams put together by hand, each wrong in one place. */
@Timeout(30)
class SpoiltStreamTest {
    private static final long MAX_RAM = 1 << 20;
    private static final int RAM_ID = 2;
    private static final int PAGE = 4096;
    private static final int MEM_SIZE = 0x04;
    private static final int EOS = 0x10;

    private static Arguments row(String what, StreamBytes stream, String line) {
        return Arguments.of(what, stream.toBytes(), line);
    }

    private static StreamBytes header() {
        return new StreamBytes().u32(0x5145564d).u32(3);
    }

    private static StreamBytes configured() {
        return header().u8(7).u32(2).text("pc");
    }

    private static StreamBytes subsection(String name, int version) {
        return configured().u8(5).name(name).u32(version);
    }

    private static StreamBytes ramStart() {
        return configured().u8(1).u32(RAM_ID).name("ram").u32(0).u32(4);
    }

    private static StreamBytes listed() {
        return ramStart().u64(2 * PAGE | MEM_SIZE).name("pc.ram").u64(2 * PAGE);
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                row("magic", new StreamBytes().u32(0x5145564e), "stream's magic must be 0x5145564d: magic=0x5145564e"),
                row(
                        "version",
                        new StreamBytes().u32(0x5145564d).u32(-1),
                        "stream's version must be 3: version=4294967295"),
                row("no configuration", header().u8(4), "configuration section must come first: type=0x4"),
                row("no machine type", header().u8(7).u32(0), "machine type's name must be 1 to 255 bytes: length=0"),
                row(
                        "long machine type",
                        header().u8(7).u32(256),
                        "machine type's name must be 1 to 255 bytes: length=256"),
                row(
                        "negative length",
                        header().u8(7).u32(-1),
                        "machine type's name must be 1 to 255 bytes: length=4294967295"),
                row(
                        "binary machine type",
                        header().u8(7).u32(2).u16(0x0102),
                        "machine type must be printable ASCII: length=2"),
                row(
                        "subsection",
                        subsection("configuration/next", 1),
                        "configuration subsection must be a known one: subsection=configuration/next"),
                row(
                        "subsection's version",
                        subsection("configuration/uuid", 2),
                        "configuration subsection's version must be 1: subsection=configuration/uuid version=2"),
                row(
                        "page bits",
                        subsection("configuration/target-page-bits", 1).u32(9),
                        "target page bits must be 10 to 16: value=9"),
                row(
                        "many capabilities",
                        subsection("configuration/capabilities", 1).u32(65),
                        "configuration must have 64 capabilities at the most: count=65"),
                row(
                        "negative count of capabilities",
                        subsection("configuration/capabilities", 1).u32(-1),
                        "configuration must have 64 capabilities at the most: count=4294967295"),
                row(
                        "nameless capability",
                        subsection("configuration/capabilities", 1).u32(1).u8(0),
                        "capability's name must be printable ASCII: length=0"));
    }

    static Stream<Arguments> sections() {
        return Stream.of(
                row(
                        "type",
                        configured().u8(0x42),
                        "section type must be one that can stand before the end of RAM: type=0x42 position=*"),
                row(
                        "block devices",
                        configured().u8(1).u32(3).name("block").u32(0).u32(1),
                        "section before the end of RAM must be one that can be read here, turn off block:"
                                + " section=block instance=0 type=0x1"),
                row(
                        "early device",
                        configured()
                                .u8(4)
                                .u32(3)
                                .name("virtio-mem-early")
                                .u32(1)
                                .u32(1),
                        "section before the end of RAM must be one that can be read here:"
                                + " section=virtio-mem-early instance=1 type=0x4"),
                row(
                        "RAM's version",
                        configured().u8(1).u32(RAM_ID).name("ram").u32(0).u32(5),
                        "RAM section's version must be 4: version=5"),
                row(
                        "part of nothing",
                        configured().u8(2).u32(RAM_ID),
                        "section's part must belong to a section that was begun: id=2"),
                row(
                        "part of another",
                        listed().u64(EOS).u8(0x7e).u32(RAM_ID).u8(2).u32(9),
                        "section's part must belong to a section that was begun: id=9"),
                row(
                        "footer's type",
                        listed().u64(EOS).u8(0x7f),
                        "section must end with its footer: section=ram id=2 type=0x7f footerId=0 position=*"),
                row(
                        "footer's id",
                        listed().u64(EOS).u8(0x7e).u32(3),
                        "section must end with its footer: section=ram id=2 type=0x7e footerId=3 position=*"));
    }

    static Stream<Arguments> commands() {
        return Stream.of(
                row(
                        "postcopy",
                        configured().u8(8).u16(4).u16(0),
                        "command must be one of a precopy migration: command=4 (POSTCOPY_LISTEN, turn off"
                                + " postcopy-ram)"),
                row(
                        "page sizes of postcopy",
                        configured().u8(8).u16(3).u16(8),
                        "command's length must be 16: command=3 (POSTCOPY_ADVISE) length=8"),
                row(
                        "colo",
                        configured().u8(8).u16(8).u16(0),
                        "command must be one of a precopy migration: command=8 (ENABLE_COLO, turn off x-colo)"),
                row(
                        "unknown",
                        configured().u8(8).u16(77).u16(0),
                        "command must be one of a precopy migration: command=77 (unknown)"),
                row(
                        "ping's length",
                        configured().u8(8).u16(2).u16(65535),
                        "command's length must be 4: command=2 (PING) length=65535"),
                row(
                        "return path's length",
                        configured().u8(8).u16(1).u16(1),
                        "command's length must be 0: command=1 (OPEN_RETURN_PATH) length=1"));
    }

    static Stream<Arguments> blocks() {
        return Stream.of(
                row(
                        "no power of two",
                        ramStart()
                                .u64(2 * PAGE | MEM_SIZE)
                                .name("pc.ram")
                                .u64(PAGE)
                                .u64(3 << 20),
                        "RAM block's pages on its host must be a power of two, at least 4096, and not the guest's page"
                                + " size: block=pc.ram hostPageSize=3145728 pageSize=4096"),
                row(
                        "small huge page",
                        ramStart()
                                .u64(2 * PAGE | MEM_SIZE)
                                .name("pc.ram")
                                .u64(PAGE)
                                .u64(PAGE),
                        "RAM block's pages on its host must be a power of two, at least 4096, and not the guest's page"
                                + " size: block=pc.ram hostPageSize=4096 pageSize=4096"),
                row(
                        "over max-ram",
                        ramStart().u64((2 << 20) | MEM_SIZE),
                        "guest must not be larger than max-ram: total=2097152 max-ram=1048576"),
                row(
                        "negative total",
                        ramStart().u64(Long.MIN_VALUE | MEM_SIZE),
                        "guest must not be larger than max-ram: total=9223372036854775808 max-ram=1048576"),
                row("no RAM", ramStart().u64(MEM_SIZE), "guest must have RAM: total=0"),
                row(
                        "no name",
                        ramStart().u64(PAGE | MEM_SIZE).u8(0).u64(PAGE),
                        "RAM block's name must be printable ASCII: length=0"),
                row(
                        "half a page",
                        ramStart().u64(PAGE | MEM_SIZE).name("a").u64(2048),
                        "RAM block must be whole pages: block=a length=0x800 pageSize=4096"),
                row(
                        "negative length",
                        ramStart().u64(PAGE | MEM_SIZE).name("a").u64(-PAGE),
                        "RAM block must be whole pages: block=a length=0xfffffffffffff000 pageSize=4096"),
                row(
                        "over the total",
                        ramStart().u64(PAGE | MEM_SIZE).name("a").u64(2 * PAGE),
                        "RAM blocks must add up to the total: block=a length=0x2000 total=0x1000 left=0x1000"),
                row(
                        "twice",
                        ramStart()
                                .u64(2 * PAGE | MEM_SIZE)
                                .name("a")
                                .u64(PAGE)
                                .name("a")
                                .u64(PAGE),
                        "RAM block must be listed once: block=a"),
                row("listed again", listed().u64(PAGE | MEM_SIZE), "list of RAM blocks must come once: position=*"));
    }

    static Stream<Arguments> records() {
        return Stream.of(
                row(
                        "before the list",
                        ramStart().u64(EOS),
                        "list of RAM blocks must come first: flags=0x10 position=*"),
                row(
                        "page before the list",
                        ramStart().u64(0x08).name("pc.ram"),
                        "list of RAM blocks must come first: flags=0x8 position=*"),
                row(
                        "no flag",
                        listed().u64(PAGE),
                        "RAM record must have one known flag: flags=0x0 unknown=0x0 position=*"),
                row(
                        "two flags",
                        listed().u64(0x0a),
                        "RAM record must have one known flag: flags=0xa unknown=0x0 position=*"),
                row(
                        "unknown flag",
                        listed().u64(0x400),
                        "RAM record must have one known flag: flags=0x400 unknown=0x400 position=*"),
                row(
                        "xbzrle",
                        listed().u64(0x40),
                        "RAM record must not be compressed, turn off xbzrle: flags=0x40 position=*"),
                row(
                        "block",
                        listed().u64(0x02).name("pc.rom"),
                        "RAM record's block must be one of the guest's: block=pc.rom"),
                row(
                        "same block as none",
                        listed().u64(0x22),
                        "first RAM record must name its block: flags=0x22 position=*"),
                row(
                        "offset past the block",
                        listed().u64(2 * PAGE | 0x02).name("pc.ram"),
                        "page offset must lie in its block: block=pc.ram offset=0x2000 length=0x2000"),
                row(
                        "negative offset",
                        listed().u64(-PAGE | 0x08).name("pc.ram"),
                        "page offset must lie in its block: block=pc.ram offset=0xfffffffffffff000 length=0x2000"),
                row(
                        "zero page of ones",
                        listed().u64(0x02).name("pc.ram").u8(1),
                        "zero page's byte must be 0: block=pc.ram offset=0x0 value=1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"headers", "sections", "commands", "blocks", "records"})
    void shouldSayWhatIsWrong(String what, byte[] stream, String line) {
        String was = refusal(stream).getMessage();
        assertTrue(
                line.endsWith("position=*") ? was.startsWith(line.substring(0, line.length() - 1)) : was.equals(line),
                "expected: " + line + "\n     was: " + was);
    }

    /** As a source says it that has {@code postcopy-ram}: of huge blocks only, wherever in the list they are. */
    @Test
    void shouldReadBlocksOfHugePages() {
        StreamBytes stream = ramStart().u64(4 * PAGE | MEM_SIZE);
        stream.name("pc.rom").u64(PAGE);
        stream.name("pc.ram").u64(2 * PAGE).u64(2 << 20);
        stream.name("pc.dimm").u64(PAGE).u64(1 << 30);
        assertEquals(
                "RAM record must have one known flag: flags=0x400 unknown=0x400 position="
                        + (stream.length() + Long.BYTES),
                refusal(stream.u64(0x400).toBytes()).getMessage());
    }

    /** A list of blocks costs as much as its peer has sent of it, and not what it says there will be. */
    @Test
    void shouldReadAsManyBlocksAsThereAre() {
        StreamBytes stream = ramStart().u64(1L << 20 | MEM_SIZE);
        for (int i = 0; i < 256; i++) {
            stream.name("block" + i).u64(PAGE);
        }
        stream.u64(EOS);
        assertEquals(
                "stream must not end in the middle: awaited=\"section footer\" position=" + stream.length()
                        + " missing=1",
                refusal(stream.toBytes()).getMessage());
    }

    private static StreamException refusal(byte[] stream) {
        return assertThrows(StreamException.class, () -> new MainStream(StreamBytes.input(stream), MAX_RAM, true));
    }
}
