package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What has changed of a page, as QEMU writes it: good, at its limits, and spoilt in every place. */
@Timeout(60)
class XbzrleDecoderTest {
    private static final int PAGE = 4096;
    private static final int AROUND = 64; // on either side of the page, where nothing may ever change
    private static final byte BEFORE = 0x55;

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes.replace(" ", ""));
    }

    /** Decodes over a page in the middle of other bytes, and gives it back; whatever comes, the others stay. */
    private static byte[] decode(byte[] encoded, byte[] page) throws CodecException {
        byte[] all = new byte[page.length + 2 * AROUND];
        Arrays.fill(all, BEFORE);
        System.arraycopy(page, 0, all, AROUND, page.length);
        try {
            XbzrleDecoder.decode(ByteBuffer.wrap(encoded), ByteBuffer.wrap(all, AROUND, page.length));
        } finally {
            byte[] around = new byte[AROUND];
            Arrays.fill(around, BEFORE);
            assertArrayEquals(around, Arrays.copyOf(all, AROUND));
            assertArrayEquals(around, Arrays.copyOfRange(all, AROUND + page.length, all.length));
        }
        return Arrays.copyOfRange(all, AROUND, AROUND + page.length);
    }

    private static byte[] filled(int lengthBytes) {
        byte[] page = new byte[lengthBytes];
        Arrays.fill(page, BEFORE);
        return page;
    }

    /** As QEMU sent it of a page whose first byte had become 0x54. */
    @Test
    void shouldChangeWhatHasChanged() throws Exception {
        byte[] expected = new byte[PAGE];
        expected[0] = 0x54;
        assertArrayEquals(expected, decode(hex("00 01 54"), new byte[PAGE]));
    }

    @Test
    void shouldLeaveAPageAsItIsWhenNothingHasChanged() throws Exception {
        assertArrayEquals(filled(PAGE), decode(new byte[0], filled(PAGE)));
    }

    @Test
    void shouldChangeTheLastByteAndThoseAroundTheLengthOfOneByte() throws Exception {
        byte[] expected = filled(PAGE);
        expected[127] = 1;
        expected[127 + 1 + 128] = 2;
        expected[PAGE - 1] = 3;
        // 127 unchanged in one byte, 128 in two, the rest in two.
        assertArrayEquals(expected, decode(hex("7f 01 01 8001 01 02 fe1d 01 03"), filled(PAGE)));
    }

    @Test
    void shouldTakeLengthsUpToTheMostThatTwoBytesHave() throws Exception {
        int large = 1 << 14;
        byte[] expected = filled(large);
        expected[large - 1] = 9;
        assertArrayEquals(expected, decode(hex("ff7f 01 09"), filled(large)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "80 80 01 01 09    | XBZRLE run's length must have two bytes at the most: second=0x80",
                "80                | XBZRLE run's length must be whole: bytes=1",
                "00 81             | XBZRLE run's length must be whole: bytes=1",
                "05                | XBZRLE run of unchanged bytes must be followed by one of changed bytes: offset=5"
                        + " length=0",
                "00 00             | XBZRLE run of changed bytes must not be empty: offset=0 length=0",
                "05 01 09 00 01 09 | XBZRLE run of unchanged bytes must not be empty but for the first: offset=6"
                        + " length=0",
                "00 02 09          | XBZRLE run of changed bytes must be there: offset=0 length=2",
                "ff7f 01 09        | XBZRLE run must end within the page: offset=0 length=16383",
                "8020 01 09        | XBZRLE run must end within the page: offset=4096 length=1",
                "ff1f 02 09 09     | XBZRLE run must end within the page: offset=4095 length=2"
            })
    void shouldRefuseWhatNoEncoderMakes(String encoded, String line) {
        CodecException refusal = assertThrows(CodecException.class, () -> decode(hex(encoded), filled(PAGE)));
        assertEquals(line, refusal.getMessage());
    }

    @Test
    void shouldMakeThePageThatWasEncoded() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            byte[] before = new byte[PAGE];
            random.nextBytes(before);
            byte[] after = changed(before, random);
            assertArrayEquals(after, decode(encode(before, after), before));
        }
    }

    @Test
    void shouldRefuseOrStayWithinThePageWhereverItIsCutOrSpoilt() {
        Random random = new Random(2);
        for (int round = 0; round < 50; round++) {
            byte[] before = new byte[PAGE];
            random.nextBytes(before);
            byte[] encoded = encode(before, changed(before, random));
            for (int place = 0; place < encoded.length; place++) {
                requireHarmless(Arrays.copyOf(encoded, place));
                byte[] spoilt = encoded.clone();
                spoilt[place] = (byte) random.nextInt();
                requireHarmless(spoilt);
            }
            byte[] noise = new byte[random.nextInt(PAGE)];
            random.nextBytes(noise);
            requireHarmless(noise);
        }
    }

    private static void requireHarmless(byte[] encoded) {
        try {
            decode(encoded, filled(PAGE));
        } catch (CodecException e) {
            // As good as a page that is another one: nothing else has been touched.
        }
    }

    private static byte[] changed(byte[] before, Random random) {
        byte[] after = before.clone();
        for (int runs = random.nextInt(12); runs > 0; runs--) {
            int start = random.nextInt(PAGE);
            int end = Math.min(PAGE, start + 1 + random.nextInt(200));
            for (int i = start; i < end; i++) {
                after[i] ^= (byte) (1 + random.nextInt(255));
            }
        }
        return after;
    }

    /** As the format says: unchanged count, changed count, changed bytes, and nothing for the rest. */
    private static byte[] encode(byte[] before, byte[] after) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int start = at;
            while (start < PAGE && before[start] == after[start]) {
                start++;
            }
            if (start == PAGE) {
                return out.toByteArray();
            }
            int end = start;
            while (end < PAGE && before[end] != after[end]) {
                end++;
            }
            length(out, start - at);
            length(out, end - start);
            out.write(after, start, end - start);
            at = end;
        }
    }

    private static void length(ByteArrayOutputStream out, int length) {
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(length & 0x7f | 0x80);
            out.write(length >> 7);
        }
    }
}
