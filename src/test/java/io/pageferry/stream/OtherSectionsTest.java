package io.pageferry.stream;

import static io.pageferry.testing.SectionBytes.END;
import static io.pageferry.testing.SectionBytes.FULL;
import static io.pageferry.testing.SectionBytes.PART;
import static io.pageferry.testing.SectionBytes.START;
import static io.pageferry.testing.SectionBytes.begun;
import static io.pageferry.testing.SectionBytes.next;
import static io.pageferry.testing.SectionBytes.pbsState;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.StreamBytes;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sections of other devices, in a whole stream: what is good is kept byte for byte, what is not is refused. */
@Timeout(60)
class OtherSectionsTest {
    private static final long MAX_BYTES = 1 << 20;
    private static final int RAM_ID = 2;
    private static final int ID = 7;
    private static final String EARLY = "0000:00:05.0/virtio-mem-device-early";
    private static final String JSON = "{\"page_size\": 4096, \"devices\": []}";
    private static final byte[] EMPTY = {};

    /** Sections of one kind: before RAM's end, and behind it. */
    private record Sections(byte[] before, byte[] behind) {
        Sections(List<byte[]> before, List<byte[]> behind) {
            this(join(before), join(behind));
        }
    }

    private static byte[] join(List<byte[]> parts) {
        StreamBytes all = new StreamBytes();
        parts.forEach(all::raw);
        return all.toBytes();
    }

    private static StreamBytes bytes() {
        return new StreamBytes();
    }

    private static byte[] virtioMem() {
        // 65 blocks of 2 MiB, of which 3 are plugged; two words of bitmap
        return bytes().u64(1L << 32)
                .u64(65L << 21)
                .u64(1 << 21)
                .u32(0)
                .u64(3 << 21)
                .u64(3)
                .u64(1)
                .toBytes();
    }

    private static byte[] bitmapStart() {
        return bytes().u8(0x1c)
                .name("node")
                .name("backup")
                .u32(65536)
                .u8(1)
                .u8(1)
                .toBytes();
    }

    private static byte[] bitmapBits() {
        return bytes().u8(0x4c)
                .name("node")
                .name("backup")
                .u64(0)
                .u32(2048)
                .u64(5)
                .raw(new byte[5])
                .u8(0x42)
                .u64(2048)
                .u32(2048)
                .u8(1)
                .toBytes();
    }

    private static byte[] bitmapEnd() {
        return bytes().u8(0x2c).name("node").name("backup").u8(1).toBytes();
    }

    private static Sections pbs() {
        return new Sections(List.of(pbsState(ID, 100)), List.of(next(END, ID, EMPTY)));
    }

    private static Sections dirtyBitmaps() {
        return new Sections(
                List.of(begun(START, ID, "dirty-bitmap", bitmapStart()), next(PART, ID, bitmapBits())),
                List.of(next(END, ID, bitmapEnd())));
    }

    private static Sections hashTable() {
        byte[] entries = bytes().u32(0)
                .u32(16)
                .u16(2)
                .u16(1)
                .raw(new byte[32])
                .u32(40)
                .u16(0)
                .u16(3)
                .u64(0)
                .toBytes();
        return new Sections(
                List.of(
                        begun(START, ID, "spapr/htab", bytes().u32(24).toBytes()),
                        next(PART, ID, entries),
                        next(PART, ID, bytes().u32(0).u64(0).toBytes())),
                List.of(next(END, ID, entries)));
    }

    private static Sections noHashTable() {
        byte[] none = bytes().u32(-1).toBytes();
        return new Sections(List.of(begun(START, ID, "spapr/htab", none)), List.of(next(END, ID, none)));
    }

    private static Sections storageAttributes() {
        byte[] more = bytes().u64(0x10_0000 | 2)
                .u64(3)
                .raw(new byte[3])
                .u64(0x20_0000 | 2)
                .u64(0)
                .u64(1)
                .toBytes();
        return new Sections(
                List.of(begun(
                        START, ID, "s390-storage_attributes", bytes().u64(1).toBytes())),
                List.of(
                        next(PART, ID, more),
                        next(END, ID, bytes().u64(8).u64(1).toBytes())));
    }

    static Stream<Arguments> kinds() {
        return Stream.of(
                Arguments.of("pbs-state", pbs()),
                Arguments.of("dirty-bitmap", dirtyBitmaps()),
                Arguments.of("spapr/htab", hashTable()),
                Arguments.of("spapr/htab without a table", noHashTable()),
                Arguments.of("s390-storage_attributes", storageAttributes()),
                Arguments.of("virtio-mem", new Sections(begun(FULL, ID, EARLY, virtioMem()), EMPTY)));
    }

    private static byte[] stream(byte[] beforeRam, byte[] amongRam, byte[] behindRam) {
        StreamBytes out = header().raw(beforeRam);
        out.u8(START).u32(RAM_ID).name("ram").u32(0).u32(4);
        out.u64(4096 | 0x04).name("pc.ram").u64(4096);
        endOfRecords(out);
        out.raw(amongRam).u8(END).u32(RAM_ID);
        endOfRecords(out);
        return out.raw(behindRam).u8(0).u8(6).u32(JSON.length()).text(JSON).toBytes();
    }

    private static StreamBytes header() {
        return bytes().u32(0x5145564d).u32(3).u8(7).u32("pc-q35-10.0".length()).text("pc-q35-10.0");
    }

    private static void endOfRecords(StreamBytes out) {
        out.u64(0x10).u8(0x7e).u32(RAM_ID);
    }

    private static DeviceState read(byte[] stream) throws Exception {
        return read(StreamBytes.input(stream, _ -> 11));
    }

    private static DeviceState read(StreamInput in) throws Exception {
        return new MainStream(in, MAX_BYTES, MAX_BYTES, true).deviceState;
    }

    private static String refusal(byte[] stream) {
        return assertThrows(StreamException.class, () -> read(stream).requireAsDescribed())
                .getMessage();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void shouldKeepWhatItIsByteForByte(String what, Sections sections) throws Exception {
        byte[] expected = bytes().raw(sections.before)
                .raw(sections.behind)
                .u8(0)
                .u8(6)
                .u32(JSON.length())
                .text(JSON)
                .toBytes();
        for (byte[] stream : List.of(
                stream(sections.before, EMPTY, sections.behind), stream(EMPTY, sections.before, sections.behind))) {
            DeviceState state = read(stream);
            ByteArrayOutputStream kept = new ByteArrayOutputStream();
            StreamOutput out = new StreamOutput(bytes -> {
                while (bytes.hasRemaining()) {
                    kept.write(bytes.get());
                }
            });
            state.write(out);
            out.flush();
            assertArrayEquals(expected, kept.toByteArray());
            if (!what.equals("virtio-mem")) { // a device's own, which is described
                state.requireAsDescribed();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void shouldSayWhereTheStreamEndsWhenItIsCut(String what, Sections sections) {
        byte[] stream = stream(sections.before, EMPTY, sections.behind);
        int start = header().length();
        for (int length = start; length < start + sections.before.length; length++) {
            String line = refusal(Arrays.copyOf(stream, length));
            assertTrue(line.startsWith("stream must not end in the middle: awaited="), line);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void shouldRefuseSectionsThatLackAByteOrHaveOneMore(String what, Sections sections) {
        byte[] before = sections.before;
        for (int place = 0; place < before.length; place++) {
            byte[] head = Arrays.copyOf(before, place);
            byte[] tail = Arrays.copyOfRange(before, place, before.length);
            refusal(stream(join(List.of(head, Arrays.copyOfRange(tail, 1, tail.length))), EMPTY, sections.behind));
            refusal(stream(join(List.of(head, new byte[] {0x6b}, tail)), EMPTY, sections.behind));
        }
        byte[] behind = sections.behind;
        for (int place = 0; place < behind.length; place++) {
            byte[] head = Arrays.copyOf(behind, place);
            byte[] tail = Arrays.copyOfRange(behind, place + 1, behind.length);
            refusal(stream(before, EMPTY, join(List.of(head, tail))));
            refusal(stream(before, EMPTY, join(List.of(head, new byte[] {0x6b, behind[place]}, tail))));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void shouldReadOrRefuseButNeverFailWhenAByteIsSpoilt(String what, Sections sections) throws Exception {
        for (int place = 0; place < sections.before.length; place++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                byte[] spoilt = sections.before.clone();
                spoilt[place] ^= (byte) (1 << bit);
                try {
                    read(stream(spoilt, EMPTY, sections.behind)).requireAsDescribed();
                } catch (StreamException e) {
                    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
                }
            }
        }
    }

    static Stream<Arguments> huge() {
        return Stream.of(
                Arguments.of(
                        "pbs-state",
                        bytes().u64(Long.MAX_VALUE).toBytes(),
                        "sections of devices before the end of RAM must be 1048576 bytes at the most: bytes=*"),
                Arguments.of(
                        "pbs-state",
                        bytes().u64(-1).toBytes(),
                        "pbs-state's length must be less than 2^63: section=pbs-state length=18446744073709551615"
                                + " position=*"),
                Arguments.of(
                        "dirty-bitmap",
                        bytes().u8(0x40).u64(0).u32(1).u64(1L << 40).toBytes(),
                        "sections of devices before the end of RAM must be 1048576 bytes at the most: bytes=*"),
                Arguments.of(
                        "dirty-bitmap",
                        bytes().u8(0x40).u64(0).u32(1).u64(Long.MIN_VALUE).toBytes(),
                        "length of a dirty bitmap's bits must be less than 2^63: *"),
                Arguments.of(
                        "s390-storage_attributes",
                        bytes().u64(2).u64(Long.MAX_VALUE).toBytes(),
                        "sections of devices before the end of RAM must be 1048576 bytes at the most: bytes=*"),
                Arguments.of(
                        EARLY,
                        bytes().u64(0).u64(1L << 60).u64(1 << 21).u32(0).u64(0).toBytes(),
                        "sections of devices before the end of RAM must be 1048576 bytes at the most: bytes=*"),
                Arguments.of(
                        EARLY,
                        bytes().u64(0).u64(Long.MAX_VALUE).u64(1).u32(0).u64(0).toBytes(),
                        "virtio-mem must not have more blocks than can be: *"));
    }

    /** What it says of its length reaches no allocation; what is read of it ends at the limit. */
    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("huge")
    void shouldReadNoMoreThanTheLimitWhateverLengthIsSaid(String idstr, byte[] payload, String line) {
        byte[] section = begun(idstr.equals(EARLY) ? FULL : START, ID, idstr, payload);
        byte[] beginning =
                header().raw(Arrays.copyOf(section, section.length - 5)).toBytes();
        StreamInput endless = new StreamInput(
                (into, _) -> {
                    int length = into.remaining();
                    into.put(new byte[length]);
                    return length;
                },
                beginning);
        String message =
                assertThrows(StreamException.class, () -> read(endless)).getMessage();
        assertTrue(message.startsWith(line.replace("*", "")), message);
        assertTrue(endless.position() <= MAX_BYTES + (64 << 10), () -> "position=" + endless.position());
    }

    static Stream<Arguments> wrong() {
        byte[] pbs = pbsState(ID, 1);
        byte[] early = virtioMem();
        early[early.length - 1] ^= 2;
        return Stream.of(
                Arguments.of("begun twice", join(List.of(pbs, pbs)), "section must begin once, *pbs-state id=7"),
                Arguments.of(
                        "part of nothing",
                        next(PART, 99, EMPTY),
                        "section's part must belong to a section that was begun: id=99"),
                Arguments.of(
                        "footer of another", begun(START, ID, "pbs-state", footerOfAnother()), "section must end*"),
                Arguments.of(
                        "flags of two bytes",
                        begun(START, ID, "dirty-bitmap", bytes().u8(0x80).u8(1).toBytes()),
                        "dirty bitmap's flags must be of one byte: section=dirty-bitmap flags=0x80 position=*"),
                Arguments.of(
                        "chunk of nothing",
                        begun(START, ID, "dirty-bitmap", bytes().u8(0).u8(1).toBytes()),
                        "dirty bitmap's chunk must be of one kind: section=dirty-bitmap flags=0x0 position=*"),
                Arguments.of(
                        "chunk of two kinds",
                        begun(START, ID, "dirty-bitmap", bytes().u8(0x50).toBytes()),
                        "dirty bitmap's chunk must be of one kind: section=dirty-bitmap flags=0x50 position=*"),
                Arguments.of(
                        "unknown flag of attributes",
                        begun(
                                START,
                                ID,
                                "s390-storage_attributes",
                                bytes().u64(4).toBytes()),
                        "storage attributes' flags must be known: section=s390-storage_attributes flags=0x4"
                                + " position=*"),
                Arguments.of(
                        "shift in a part",
                        join(List.of(
                                begun(START, ID, "spapr/htab", bytes().u32(24).toBytes()),
                                next(PART, ID, bytes().u32(24).toBytes()))),
                        "hash table's part must not have a shift: section=spapr/htab shift=24 position=*"),
                Arguments.of(
                        "bitmap of another size",
                        begun(FULL, ID, EARLY, early),
                        "virtio-mem's bitmap must be of its size: section=" + EARLY + " plugged=4 block=2097152"
                                + " size=6291456"),
                Arguments.of(
                        "no blocks",
                        begun(FULL, ID, EARLY, new byte[36]),
                        "virtio-mem's region must be of whole blocks: section=" + EARLY + " region=0 block=0"),
                Arguments.of(
                        "unknown",
                        begun(START, ID, "somebody", EMPTY),
                        "section before the end of RAM must be one that can be read here: section=somebody instance=0"
                                + " type=0x1"));
    }

    private static byte[] footerOfAnother() {
        return bytes().u64(0).u8(0x7e).u32(ID + 1).toBytes();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void shouldSayWhatIsWrong(String what, byte[] sections, String line) {
        String regex = Stream.of(line.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        for (byte[] stream : List.of(stream(sections, EMPTY, EMPTY), stream(EMPTY, sections, EMPTY))) {
            String message = refusal(stream);
            assertTrue(message.matches(regex), message);
        }
    }

    /** Ids are of the whole stream: one that began before RAM's end may end behind it, and no other may. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void shouldRefuseTheSameBehindTheEndOfRam(String what, byte[] sections, String line) {
        refusal(stream(EMPTY, EMPTY, sections));
    }

    /** Each costs as much to check as it has bytes, and no buffer of its own. */
    @Test
    void shouldCheckAMillionPartsInNoTime() throws Exception {
        byte[] part = next(PART, ID, EMPTY);
        byte[] parts = new byte[1_000_000 * part.length];
        for (int at = 0; at < parts.length; at += part.length) {
            System.arraycopy(part, 0, parts, at, part.length);
        }
        DeviceState state = read(StreamBytes.input(stream(pbsState(ID, 3), EMPTY, parts)));
        assertTimeout(Duration.ofSeconds(5), state::requireAsDescribed);
    }
}
