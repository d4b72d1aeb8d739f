package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What codecs must do that pack each page by itself: lengths in front, a page as it is where it gets no smaller. */
abstract class PagewiseCodecSuite extends CompressingCodecSuite {
    private static final Deflates JDK = new Deflates(Optional.empty());

    /** Whether the streams have zlib's header and checksum around them. */
    abstract boolean isZlib();

    abstract PageCodec codec(Deflates deflates);

    /** What packs and unpacks. */
    Deflates deflates() {
        return JDK;
    }

    @Override
    final PageCodec codec() {
        return codec(deflates());
    }

    @Test
    void shouldBeReadByTheJdk() throws Exception {
        assertPagesArrive(codec(), level(), codec(JDK));
    }

    @Test
    void shouldReadWhatTheJdkHasPacked() throws Exception {
        assertPagesArrive(codec(JDK), level(), codec());
    }

    @Override
    int level() {
        return 1;
    }

    @Test
    void shouldSendPageAsItIsWhenItGetsNoSmaller() throws Exception {
        byte[] page = randomPage();
        source.region(block).segment().asByteBuffer().put(page);
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            byte[] data = encode(encoder, batch(1, 1));
            assertEquals(Integer.BYTES + PAGE, data.length);
            assertEquals(PAGE, ByteBuffer.wrap(data).getInt());
            assertArrayEquals(page, Arrays.copyOfRange(data, Integer.BYTES, data.length));
        }
    }

    @Test
    void shouldHaveLengthOfEachPageInFront() throws Exception {
        byte[] data = encoded(3);
        ByteBuffer lengths = ByteBuffer.wrap(data);
        int sum = 3 * Integer.BYTES;
        for (int page = 0; page < 3; page++) {
            int length = lengths.getInt();
            assertTrue(length >= 1 && length <= PAGE, "length=" + length);
            sum += length;
        }
        assertEquals(data.length, sum);
    }

    /** Nothing is carried over: whatever went before, what a packet's pages are is the same. */
    @Test
    void shouldPackPagesTheSameWhateverWentBefore() throws Exception {
        fill(source, 5);
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            byte[] first = encode(encoder, batch(8, 1));
            encode(encoder, batch(5, 3));
            assertArrayEquals(first, encode(encoder, batch(8, 1)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 9})
    void shouldUnpackWhatZlibPacks(int deflateLevel) throws Exception {
        byte[] page = text();
        byte[] data = packet(deflated(page, deflateLevel));
        try (PageDecoder decoder = codec().newDecoder(buffers)) {
            decode(decoder, data, batch(1, 1));
        }
        byte[] unpacked = new byte[PAGE];
        target.region(block).segment().asByteBuffer().get(unpacked);
        assertArrayEquals(page, unpacked);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, PAGE + 1, Integer.MIN_VALUE})
    void shouldRefusePageWhenItsLengthIs(int length) {
        byte[] data = ByteBuffer.allocate(100).putInt(length).array();
        assertEquals(
                "packed page's length must be 1 to 4096: page=0 length=" + Integer.toUnsignedString(length),
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefusePacketWhenItIsShorterThanItsLengths() {
        assertEquals(
                "packet's data must begin with its pages' lengths: next_packet_size=7 normal_pages=2",
                assertRefused(new byte[7], 2).getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void shouldRefusePacketWhenItsLengthsDoNotAddUp(int more) throws Exception {
        byte[] data = Arrays.copyOf(encoded(3), encoded(3).length + more);
        assertEquals(
                "packed pages and their lengths must add up to the packet's data: next_packet_size=" + data.length
                        + " normal_pages=3 sum=" + (data.length - more),
                assertRefused(data, 3).getMessage());
    }

    @Test
    void shouldRefusePageWhenItsStreamGivesLess() {
        byte[] packed = deflated(Arrays.copyOf(text(), PAGE - 1), 1);
        assertEquals(
                "packed page must be one deflate stream of just a page: missing=1 left=0 length=" + packed.length,
                assertRefused(packet(packed), 1).getMessage());
    }

    @Test
    void shouldRefusePageWhenItsStreamGivesMore() {
        byte[] packed = deflated(Arrays.copyOf(text(), PAGE + 1), 1);
        assertEquals(
                "deflate stream must have no more than its pages: room=4096",
                assertRefused(packet(packed), 1).getMessage());
    }

    /** A thousandfold of what it is. */
    @Test
    void shouldRefusePageWhenItsStreamIsABomb() {
        byte[] packed = deflated(new byte[2 << 20], 9);
        assertEquals(
                "deflate stream must have no more than its pages: room=4096",
                assertRefused(packet(packed), 1).getMessage());
    }

    @Test
    void shouldRefusePageWhenSomethingIsBehindItsStream() {
        byte[] packed = deflated(text(), 1);
        byte[] longer = Arrays.copyOf(packed, packed.length + 3);
        assertEquals(
                "packed page must be one deflate stream of just a page: missing=0 left=3 length=" + longer.length,
                assertRefused(packet(longer), 1).getMessage());
    }

    @Test
    void shouldRefusePageWhenItsStreamIsCut() {
        byte[] packed = deflated(text(), 1);
        String refusal = assertRefused(packet(Arrays.copyOf(packed, packed.length - 9)), 1)
                .getMessage();
        assertTrue(refusal.startsWith("deflate stream must end in its data: unpacked="), refusal);
    }

    /** The third kind of block is none. */
    @Test
    void shouldRefusePageWhenItsStreamIsDamaged() {
        byte[] packed = deflated(text(), 1);
        packed[isZlib() ? 2 : 0] |= 0x06;
        String refusal = assertRefused(packet(packed), 1).getMessage();
        assertTrue(refusal.startsWith("deflate stream must be sound: reason=\""), refusal);
    }

    /**
     * Codes that go on where the data has ended, and matches that are none and would end close to the page's end: ISA-L
     * has counted them already when it finds out.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "653000",
                "3d8b00",
                "4b1c05a360148c8251300a46c1281805a360148c8251300a461f00000000000000000000000000000000",
                "4b1c05a360148c8251300a46c1281805a360148c8251300a46efff07000000000000000000000000000000000000"
            })
    void shouldRefusePageWhenItsStreamBreaksAtAnEnd(String rawDeflate) {
        byte[] packed = HexFormat.of().parseHex((isZlib() ? "7801" : "") + rawDeflate);
        String refusal = assertRefused(packet(packed), 1).getMessage();
        assertTrue(refusal.startsWith("deflate stream must "), refusal);
    }

    byte[] deflated(byte[] bytes, int deflateLevel) {
        Deflater deflater = new Deflater(deflateLevel, !isZlib());
        try {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] out = new byte[2 * bytes.length];
            return Arrays.copyOf(out, deflater.deflate(out));
        } finally {
            deflater.end();
        }
    }

    /** A packet of one page. */
    static byte[] packet(byte[] packed) {
        return ByteBuffer.allocate(Integer.BYTES + packed.length)
                .putInt(packed.length)
                .put(packed)
                .array();
    }

    static byte[] text() {
        byte[] text = new byte[PAGE];
        Random words = new Random(3);
        for (int i = 0; i < PAGE; i++) {
            text[i] = (byte) ('a' + words.nextInt(9));
        }
        return text;
    }

    private static byte[] randomPage() {
        byte[] page = new byte[PAGE];
        new Random(4).nextBytes(page);
        return page;
    }
}
