package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.wire.CompressionMethod;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The register of codecs. */
@Timeout(10)
class CodecsTest {
    @Test
    void shouldHaveCodecOfItsMethodWhenThereIsOne() throws Exception {
        assertEquals(EnumSet.allOf(CompressionMethod.class), Codecs.standard().methods());
        for (CompressionMethod method : Codecs.standard().methods()) {
            assertEquals(method, Codecs.standard().of(method).method());
        }
    }

    @Test
    void shouldRefuseMethodByItsNameWhenThereIsNoCodec() {
        CodecException refusal = assertThrows(
                CodecException.class,
                () -> new Codecs(List.of(new PlainCodec(), new ZlibCodec())).of(CompressionMethod.ZSTD));
        assertEquals("multifd-compression must be one of none, zlib: method=zstd", refusal.getMessage());
    }

    @Test
    void shouldRefuseCodecWhenItsMethodHasOne() {
        assertThrows(IllegalArgumentException.class, () -> new Codecs(List.of(new ZlibCodec(), new ZlibCodec())));
    }
}
