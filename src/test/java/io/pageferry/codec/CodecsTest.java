package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.wire.CompressionMethod;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The register of codecs. */
@Timeout(10)
class CodecsTest {
    @Test
    void shouldHaveCodecOfItsMethodWhenThereIsOne() throws Exception {
        assertEquals(
                EnumSet.of(CompressionMethod.NONE, CompressionMethod.ZLIB, CompressionMethod.ZSTD),
                Codecs.standard().methods());
        for (CompressionMethod method : Codecs.standard().methods()) {
            assertEquals(method, Codecs.standard().of(method).method());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"QPL", "UADK", "QATZIP"})
    void shouldRefuseMethodByItsNameWhenThereIsNoCodec(CompressionMethod method) {
        CodecException refusal =
                assertThrows(CodecException.class, () -> Codecs.standard().of(method));
        assertEquals(
                "multifd-compression must be one of none, zlib, zstd: method=" + method.qemuName(),
                refusal.getMessage());
    }

    @Test
    void shouldRefuseCodecWhenItsMethodHasOne() {
        assertThrows(IllegalArgumentException.class, () -> new Codecs(List.of(new ZlibCodec(), new ZlibCodec())));
    }
}
