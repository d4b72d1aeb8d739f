package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zstandard. */
class ZstdCodecTest extends StreamCodecSuite {
    @Override
    PageCodec codec() {
        return new ZstdCodec();
    }

    @Override
    int level() {
        return 1;
    }

    @Test
    void shouldRefuseStreamWhenItEnds() throws Exception {
        ByteArrayOutputStream ended = new ByteArrayOutputStream();
        try (ZstdOutputStream out = new ZstdOutputStream(ended)) {
            out.write(new byte[PAGE]);
        }
        assertEquals(
                "zstd frame must not end inside a migration: left=0",
                assertRefused(ended.toByteArray(), 1).getMessage());
    }

    @Test
    void shouldRefuseFrameWhenItsWindowIsLargerThanAnyOfQemu() throws Exception {
        byte[] data = encoded(1);
        data[5] = (byte) (17 << 3); // 2^(10+17): 128 MiB
        assertEquals(
                "zstd frame's window must be 33554432 at the most: window=134217728",
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefuseFrameWhenItIsOneSegment() throws Exception {
        byte[] data = encoded(1);
        data[4] = (byte) 0xa0;
        assertEquals(
                "zstd frame must be a stream's, of no known length: descriptor=0xa0",
                assertRefused(data, 1).getMessage());
    }

    @Test
    void shouldRefuseFrameWhenItsMagicIsWrong() throws Exception {
        byte[] data = encoded(1);
        data[0] = 0x50; // a skippable frame
        data[1] = 0x2a;
        data[2] = 0x4d;
        data[3] = 0x18;
        assertEquals(
                "zstd frame must begin with its magic: magic=0x184d2a50",
                assertRefused(data, 1).getMessage());
    }

    /** All levels that QEMU takes make windows that are accepted. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 10, 19, 20})
    void shouldDecodeWhenLevelIs(int level) throws Exception {
        fill(source, 9);
        try (PageEncoder encoder = codec().newEncoder(level, buffers);
                PageDecoder decoder = codec().newDecoder(buffers)) {
            decode(decoder, encode(encoder, batch(4, 1)), batch(4, 1));
        }
        assertEquals(
                -1,
                MemorySegment.mismatch(
                        source.region(block).segment(),
                        0,
                        4 * PAGE,
                        target.region(block).segment(),
                        0,
                        4 * PAGE));
    }
}
