package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PacketGeometryTest {
    @ParameterizedTest
    @CsvSource({"1024, 512, 4416", "4096, 128, 1344", "8192, 64, 832", "65536, 8, 384"})
    void shouldFollowFromThePageSize(int pageSize, int slots, int length) {
        PacketGeometry geometry = new PacketGeometry(pageSize);
        assertEquals(slots, geometry.pagesPerPacket());
        assertEquals(length, geometry.ramPacketLength());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 512, 4095, 131072, -4096, Integer.MIN_VALUE})
    void shouldRefusePageSizeWhenNoGuestHasIt(int pageSize) {
        assertEquals(
                "page size must be a power of two from 1024 to 65536: pageSize=" + pageSize,
                assertThrows(IllegalArgumentException.class, () -> new PacketGeometry(pageSize))
                        .getMessage());
    }
}
