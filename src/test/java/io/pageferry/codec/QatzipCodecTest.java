package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The format of QEMU's {@code qatzip}, by the JDK. */
class QatzipCodecTest extends CompressingCodecSuite {
    private static final int CRC_AT_END = 8;

    @Override
    PageCodec codec() {
        return new QatzipCodec(new Deflates(Optional.empty()));
    }

    @Override
    int level() {
        return 1;
    }

    /** Any reader of gzip's format reads it, several members one after the other. */
    @ParameterizedTest
    @ValueSource(ints = {1, 16, 17, 128})
    void shouldBeWhatGzipReads(int pages) throws Exception {
        byte[] data = encoded(pages);
        byte[] read = new GZIPInputStream(new ByteArrayInputStream(data)).readAllBytes();
        assertArrayEquals(source(pages), read);
    }

    /** QATzip's hardware takes 64 KiB at a time, and goes by the extra field. */
    @Test
    void shouldHaveMembersOfTheHardwareSizeWhenAPacketIsFull() throws Exception {
        ByteBuffer data = ByteBuffer.wrap(encoded(40)).order(ByteOrder.LITTLE_ENDIAN);
        for (int left = 40 * PAGE; left > 0; left -= 16 * PAGE) {
            int start = data.position();
            assertEquals(0x0408_8b1f, data.getInt(start));
            assertEquals(12, data.getShort(start + 10));
            assertEquals('Q' | 'Z' << 8, data.getShort(start + 12));
            assertEquals(8, data.getShort(start + 14));
            int unpacked = data.getInt(start + 16);
            int packed = data.getInt(start + 20);
            assertEquals(Math.min(left, 16 * PAGE), unpacked);
            data.position(start + 24 + packed);
            data.getInt(); // CRC
            assertEquals(unpacked, data.getInt());
        }
        assertEquals(0, data.remaining());
    }

    @Test
    void shouldUnpackPlainGzipWithoutTheField() throws Exception {
        fill(source, 6);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(source(20));
        }
        assertUnpacks(bytes.toByteArray(), 20);
    }

    /** Members end where they like, also inside a page. */
    @Test
    void shouldUnpackMembersOfAnyLength() throws Exception {
        fill(source, 6);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] pages = source(5);
        for (int from = 0, length = 1; from < pages.length; from += length, length = 3 * length) {
            length = Math.min(length, pages.length - from);
            bytes.writeBytes(member(Arrays.copyOfRange(pages, from, from + length), field(length, null)));
        }
        assertUnpacks(bytes.toByteArray(), 5);
    }

    @Test
    void shouldSkipFieldsOfOthers() throws Exception {
        fill(source, 6);
        byte[] extra = {'X', 'Y', 3, 0, 1, 2, 3};
        assertUnpacks(member(source(2), extra), 2);
    }

    private void assertUnpacks(byte[] data, int pages) throws Exception {
        for (int step : new int[] {1, 3}) { // side by side, or not
            try (PageDecoder decoder = codec().newDecoder(buffers)) {
                decode(decoder, data, batch(pages, step));
            }
            for (int page = 0; page < pages; page++) {
                byte[] unpacked = new byte[PAGE];
                target.region(block).segment().asByteBuffer().get(page * step * PAGE, unpacked);
                assertArrayEquals(Arrays.copyOfRange(source(pages), page * PAGE, (page + 1) * PAGE), unpacked);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldRefuseMemberWhenItsHeaderIsWrongAt(int offset) throws Exception {
        byte[] data = encoded(1);
        data[offset] ^= 0x10;
        String refusal = assertRefused(data, 1).getMessage();
        assertTrue(
                refusal.startsWith("gzip member must begin with 0x8b1f, method 8, and no flag but 0x4: magic=0x"),
                refusal);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 11, 12, 23})
    void shouldRefuseMemberWhenItsHeaderIsCutAt(int length) throws Exception {
        String refusal = assertRefused(Arrays.copyOf(encoded(1), length), 1).getMessage();
        assertTrue(refusal.startsWith("gzip member") || refusal.startsWith("deflate stream"), refusal);
    }

    @Test
    void shouldRefuseMemberWhenItsExtraFieldIsLongerThanThePacket() throws Exception {
        byte[] data = encoded(1);
        data[11] = (byte) 0xff;
        assertEquals(
                "gzip member's extra field must lie in the packet's data: length=65292 left=" + (data.length - 12),
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefuseMemberWhenItsSubfieldIsLongerThanTheField() throws Exception {
        byte[] data = encoded(1);
        data[14] = 9;
        assertEquals(
                "gzip member's extra field must have whole subfields, QATzip's of 8 bytes: length=9 left=8",
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefuseMemberWhenHalfASubfieldIsLeft() {
        byte[] data = member(new byte[PAGE], new byte[] {'X', 'Y', 0, 0, 'Q', 'Z'});
        assertEquals(
                "gzip member's extra field must have whole subfields: left=2",
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefuseMemberWhenItsExtraFieldLiesOfWhatItUnpacksTo() {
        assertEquals(
                "gzip member's extra field must have its true sizes: unpacked=4095 expected=4096",
                assertRefused(member(new byte[PAGE], field(PAGE - 1, null)), 1).getMessage());
    }

    @Test
    void shouldRefuseMemberWhenItsExtraFieldLiesOfItsStream() {
        int packed = deflated(new byte[PAGE]).length;
        assertEquals(
                "gzip member's extra field must have its true sizes: packed=1 expected=" + packed,
                assertRefused(member(new byte[PAGE], field(PAGE, 1)), 1).getMessage());
    }

    @Test
    void shouldRefuseMemberWhenItsCrcIsWrong() throws Exception {
        byte[] data = encoded(1);
        data[data.length - CRC_AT_END] ^= 1;
        String refusal = assertRefused(data, 1).getMessage();
        assertTrue(refusal.startsWith("gzip member's CRC must be that of its pages: crc=0x"), refusal);
    }

    @Test
    void shouldRefuseMemberWhenItsLengthIsWrong() throws Exception {
        byte[] data = encoded(1);
        data[data.length - 1] ^= 1;
        assertEquals(
                "gzip member's length must be that of its pages: length=16781312 expected=4096",
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefuseMemberWhenItsTrailerIsCut() throws Exception {
        byte[] data = encoded(1);
        assertEquals(
                "gzip member must end with its CRC and length: left=7",
                assertRefused(Arrays.copyOf(data, data.length - 1), 1).getMessage());
    }

    @Test
    void shouldRefuseDataWhenItHasTooFewPages() throws Exception {
        byte[] data = encoded(3);
        assertEquals(
                "packet's data must have all its pages: next_packet_size=" + data.length + " expected=16384",
                assertRefused(data, 4).getMessage());
    }

    @Test
    void shouldRefuseDataWhenAMemberHasTooManyPages() throws Exception {
        assertEquals(
                "deflate stream must have no more than its pages: room=12288",
                assertRefused(encoded(4), 3).getMessage());
    }

    @Test
    void shouldRefuseDataWhenSomethingIsBehindItsPages() throws Exception {
        byte[] data = Arrays.copyOf(encoded(2), encoded(2).length + 1);
        assertEquals(
                "packet's data must have its pages and no more: next_packet_size=" + data.length + " expected=8192",
                assertRefused(data, 2).getMessage());
    }

    /** Thousands of them fit a packet, and take their time. */
    @Test
    void shouldRefuseMemberWhenItIsEmpty() {
        byte[] data = member(new byte[0], field(0, null));
        assertEquals(
                "gzip member must have something in it: next_packet_size=" + data.length,
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefuseDataWhenItIsABomb() {
        byte[] data = member(new byte[16 << 20], field(16 << 20, null));
        assertEquals(
                "deflate stream must have no more than its pages: room=524288",
                assertRefused(data, PAGES).getMessage());
    }

    private byte[] source(int pages) {
        byte[] bytes = new byte[pages * PAGE];
        source.region(block).segment().asByteBuffer().get(bytes);
        return bytes;
    }

    /** QATzip's field; the packed length is what it is unless said otherwise. */
    private static byte[] field(int unpacked, Integer packed) {
        return ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 'Q')
                .put((byte) 'Z')
                .putShort((short) 8)
                .putInt(unpacked)
                .putInt(packed == null ? Integer.MIN_VALUE : packed)
                .array();
    }

    private static byte[] member(byte[] content, byte[] extra) {
        byte[] packed = deflated(content);
        ByteBuffer member =
                ByteBuffer.allocate(10 + 2 + extra.length + packed.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        member.putInt(0x0408_8b1f).putInt(0).putShort((short) 0).putShort((short) extra.length);
        member.put(extra);
        if (extra[0] == 'Q' && member.getInt(member.position() - 4) == Integer.MIN_VALUE) {
            member.putInt(member.position() - 4, packed.length);
        }
        CRC32 crc = new CRC32();
        crc.update(content);
        return member.put(packed)
                .putInt((int) crc.getValue())
                .putInt(content.length)
                .array();
    }

    private static byte[] deflated(byte[] content) {
        Deflater deflater = new Deflater(1, true);
        try {
            deflater.setInput(content);
            deflater.finish();
            byte[] out = new byte[content.length + 100];
            return Arrays.copyOf(out, deflater.deflate(out));
        } finally {
            deflater.end();
        }
    }
}
