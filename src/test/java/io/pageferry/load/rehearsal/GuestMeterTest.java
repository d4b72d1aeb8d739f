package io.pageferry.load.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.wire.CompressionMethod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GuestMeterTest {
    private static final Codec NONE = new Codec(CompressionMethod.NONE, 0);
    private static final Codec ZSTD = new Codec(CompressionMethod.ZSTD, 1);
    private static final Codec ZLIB = new Codec(CompressionMethod.ZLIB, 1);

    @Test
    void shouldFindWhatTheGuestWasMadeOf() throws Exception {
        long before = MemoryRegion.openRegions();
        // More than is looked at, so it is sampled.
        GuestProfile profile = measure(new GuestShape(96L << 20, 0, 0.25, 0.5, 1), NONE, ZSTD, ZLIB);
        assertEquals(96L << 20, profile.bytes());
        assertEquals(128 * 128, profile.samplePages());
        assertEquals(0.25, profile.zeroShare(), 0.03);
        assertEquals(CodecCost.NONE, profile.codecs().get("none"));
        for (String codec : List.of("zstd-1", "zlib-1")) {
            CodecCost cost = profile.codecs().get(codec);
            assertEquals(0.5, cost.wireShare(), 0.03, codec);
            assertTrue(cost.encodeSecondsPerByte() > 0 && cost.decodeSecondsPerByte() > 0, cost.toString());
        }
        assertEquals(before, MemoryRegion.openRegions());
    }

    @Test
    void shouldHaveNothingToPackWhenAllIsZero() throws Exception {
        GuestProfile profile = measure(new GuestShape(1 << 20, 0, 1, 0, 1), ZSTD);
        assertEquals(1, profile.zeroShare());
        assertEquals(CodecCost.NONE, profile.codecs().get("zstd-1"));
    }

    private static GuestProfile measure(GuestShape shape, Codec... codecs) throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(shape)) {
            return GuestMeter.measure(new MemoryPageSource(guest.memory()), List.of(codecs));
        }
    }
}
