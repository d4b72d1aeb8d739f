package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** zlib's format, by the JDK. */
class ZlibCodecTest extends StreamCodecSuite {
    @Override
    PageCodec codec() {
        return new ZlibCodec(Optional.empty());
    }

    @Override
    int level() {
        return 1;
    }

    @Test
    void shouldStorePagesWhenLevelIsZero() throws Exception {
        try (PageEncoder encoder = codec().newEncoder(0, buffers)) {
            assertTrue(encode(encoder, batch(2, 1)).length > 2 * PAGE);
        }
    }

    @Test
    void shouldRefuseStreamWhenItEnds() {
        byte[] ended = deflated(new byte[PAGE], null);
        assertEquals(
                "zlib stream must not end inside a migration: unpacked=4096",
                assertRefused(ended, 1).getMessage());
    }

    @Test
    void shouldRefuseStreamWhenItNeedsADictionary() {
        byte[] withDictionary = deflated(new byte[PAGE], "ferry".getBytes(StandardCharsets.US_ASCII));
        assertTrue(
                assertRefused(withDictionary, 1).getMessage().startsWith("zlib stream must not need a dictionary: "),
                "other refusal");
    }

    private static byte[] deflated(byte[] bytes, byte[] dictionary) {
        Deflater deflater = new Deflater(1);
        try {
            if (dictionary != null) {
                deflater.setDictionary(dictionary);
            }
            deflater.setInput(bytes);
            deflater.finish();
            byte[] out = new byte[2 * bytes.length];
            return Arrays.copyOf(out, deflater.deflate(out));
        } finally {
            deflater.end();
        }
    }
}
