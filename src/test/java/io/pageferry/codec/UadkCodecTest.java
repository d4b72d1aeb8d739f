package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The format of QEMU's {@code uadk}, by the JDK. */
class UadkCodecTest extends PagewiseCodecSuite {
    @Override
    PageCodec codec(Deflates deflates) {
        return new UadkCodec(deflates);
    }

    @Override
    boolean isZlib() {
        return true;
    }

    @Test
    void shouldSendAllPagesAsTheyAreWhenLevelIsZero() throws Exception {
        fill(source, 3);
        try (PageEncoder encoder = codec().newEncoder(UadkCodec.RAW, buffers);
                PageDecoder decoder = codec().newDecoder(buffers)) {
            byte[] data = encode(encoder, batch(5, 2));
            assertEquals(5 * (Integer.BYTES + PAGE), data.length);
            decode(decoder, data, batch(5, 2));
        }
        assertEquals(
                -1,
                source.region(block)
                        .segment()
                        .asSlice(4 * 2 * PAGE, PAGE)
                        .mismatch(target.region(block).segment().asSlice(4 * 2 * PAGE, PAGE)));
    }

    /** zlib's streams say what they must unpack to. */
    @Test
    void shouldRefusePageWhenItsChecksumIsWrong() {
        byte[] packed = deflated(text(), 1);
        packed[packed.length - 1] ^= 1;
        assertEquals(
                "deflate stream must be sound: reason=\"incorrect data check\"",
                assertRefused(packet(packed), 1).getMessage());
    }
}
