package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.Golden;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PacketHeaderValidatorTest {
    private final UnsafeBuffer packet = Golden.packet("qemu-10.0/sync");

    @Test
    void shouldRefusePacketWhenMagicIsWrong() {
        packet.putInt(0, 0x5145564d, ByteOrder.BIG_ENDIAN);
        assertEquals("packet's magic must be 0x11223344: channel=7 magic=0x5145564d", refusal());
    }

    @Test
    void shouldRefusePacketWhenVersionIsWrong() {
        packet.putInt(4, 2, ByteOrder.BIG_ENDIAN);
        assertEquals("packet's version must be 1: channel=7 version=2", refusal());
    }

    @Test
    void shouldRefusePacketWhenFlagsHaveUnknownBits() {
        packet.putInt(8, 0x81, ByteOrder.BIG_ENDIAN);
        assertEquals("packet must have known flags only: channel=7 flags=0x81 unknown=0x80", refusal());
    }

    @Test
    void shouldRefusePacketWhenFlagsHaveTheirHighestBit() {
        packet.putInt(8, 0x80000000, ByteOrder.BIG_ENDIAN);
        assertEquals("packet must have known flags only: channel=7 flags=0x80000000 unknown=0x80000000", refusal());
    }

    @Test
    void shouldAcceptPacketWhenFlagsAreAllThatAreKnown() {
        packet.putInt(8, 0x7f, ByteOrder.BIG_ENDIAN);
        assertDoesNotThrow(this::validate);
    }

    private String refusal() {
        return assertThrows(WireException.class, this::validate).getMessage();
    }

    private void validate() throws WireException {
        PacketHeaderValidator.validate(new PacketHeaderFlyweight().wrap(packet, 0), 7);
    }
}
