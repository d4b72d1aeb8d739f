package io.pageferry.hostile;

import static io.pageferry.hostile.Source.BLOCK_BYTES;
import static io.pageferry.hostile.Source.MACHINE;
import static io.pageferry.hostile.Source.PAGE;

import io.pageferry.testing.SectionBytes;
import io.pageferry.testing.StreamBytes;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * What a source without multifd sends of a guest with one block of 64 pages, put together by hand. As it is made it is
 * good, and has one page that is not zero; tests put something else into its parts.
 */
final class PlainSource {
    static final int RAM_SECTION = 2;
    static final int CONTINUE = 0x20;
    static final int ZERO = 0x02;
    static final int PAGE_RECORD = 0x08;
    static final int XBZRLE = 0x40;
    static final int COMPRESS = 0x100;

    private static final byte[] EMPTY = {};

    byte[] commands = EMPTY;
    byte[] beforeRam = EMPTY;
    byte[] records = EMPTY; // after the first page
    byte[] behindPart = EMPTY;
    byte[] endOfRam = new StreamBytes()
            .u8(SectionBytes.END)
            .u32(RAM_SECTION)
            .raw(endOfRecords())
            .toBytes();
    byte[] behindRam = EMPTY;
    byte[] deviceState = deviceState(EMPTY, "");

    /** The source stays, and waits for an answer. */
    PlainSource withReturnPath() {
        commands = new StreamBytes().u8(8).u16(1).u16(0).toBytes();
        return this;
    }

    PlainSource records(StreamBytes bytes) {
        records = bytes.toBytes();
        return this;
    }

    byte[] toBytes() {
        return new StreamBytes()
                .raw(beginning())
                .u8(SectionBytes.PART)
                .u32(RAM_SECTION)
                .raw(firstPage())
                .raw(records)
                .raw(endOfRecords())
                .raw(behindPart)
                .raw(endOfRam)
                .raw(behindRam)
                .raw(deviceState)
                .toBytes();
    }

    /** All up to the end of RAM's first section, which has no page. */
    byte[] beginning() {
        return new StreamBytes()
                .u32(0x5145564d)
                .u32(3)
                .u8(0x07)
                .u32(MACHINE.length())
                .text(MACHINE)
                .raw(commands)
                .raw(beforeRam)
                .u8(SectionBytes.START)
                .u32(RAM_SECTION)
                .name("ram")
                .u32(0)
                .u32(4)
                .u64(BLOCK_BYTES | 0x04)
                .name("pc.ram")
                .u64(BLOCK_BYTES)
                .raw(endOfRecords())
                .toBytes();
    }

    static byte[] firstPage() {
        return new StreamBytes().u64(PAGE_RECORD).name("pc.ram").raw(page(1)).toBytes();
    }

    static byte[] page(int content) {
        byte[] page = new byte[PAGE];
        Arrays.fill(page, (byte) content);
        return page;
    }

    /** A record of the block that the record before is of. */
    static StreamBytes record(int page, int flag) {
        return new StreamBytes().u64((long) page * PAGE | flag | CONTINUE);
    }

    static StreamBytes xbzrle(int page, byte... encoded) {
        return record(page, XBZRLE).u8(1).u16(encoded.length).raw(encoded);
    }

    static StreamBytes compressed(int page, byte[] stream) {
        return record(page, COMPRESS).u32(stream.length).raw(stream);
    }

    static byte[] deflate(byte[] bytes) {
        try (Deflater deflater = new Deflater()) {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] out = new byte[bytes.length + 100];
            return Arrays.copyOf(out, deflater.deflate(out));
        }
    }

    static byte[] endOfRecords() {
        return new StreamBytes().u64(0x10).u8(0x7e).u32(RAM_SECTION).toBytes();
    }

    static byte[] idlePart() {
        return new StreamBytes()
                .u8(SectionBytes.PART)
                .u32(RAM_SECTION)
                .raw(endOfRecords())
                .toBytes();
    }

    /** A device of 8 bytes, as {@link #deviceState} can describe it. */
    static byte[] device(int stateBytes) {
        return SectionBytes.begun(SectionBytes.FULL, 9, "rtc", new byte[stateBytes]);
    }

    static byte[] deviceState(byte[] sections, String described) {
        String json = "{\"page_size\": 4096, \"devices\": [" + described + "]}";
        return new StreamBytes()
                .raw(sections)
                .u8(0)
                .u8(6)
                .u32(json.length())
                .text(json)
                .toBytes();
    }

    /** The description of a {@link #device} of 8 bytes. */
    static String described() {
        return "{\"name\": \"rtc\", \"instance_id\": 0, \"vmsd_name\": \"rtc\", \"version\": 1, \"fields\":"
                + " [{\"name\": \"time\", \"type\": \"uint64\", \"size\": 8}]}";
    }
}
