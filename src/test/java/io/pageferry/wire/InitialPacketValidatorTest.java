package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.Golden;
import java.nio.ByteOrder;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Channel 1 of two, as QEMU 10.0 began it, spoilt in one place at a time. */
@Timeout(30)
class InitialPacketValidatorTest {
    private static final UUID GUEST = UUID.fromString("12345678-9abc-def0-1122-334455667788");

    private final UnsafeBuffer packet = Golden.packet("qemu-10.0/initial");

    @Test
    void shouldAcceptPacketWhenNothingIsWrong() {
        assertDoesNotThrow(() -> validate(2, GUEST));
    }

    @Test
    void shouldRefusePacketWhenMagicIsWrong() {
        packet.putInt(0, 0x11223345, ByteOrder.BIG_ENDIAN);
        assertEquals("initial packet's magic must be 0x11223344: magic=0x11223345", refusal(2, GUEST));
    }

    @Test
    void shouldRefusePacketWhenItIsLittleEndian() {
        packet.putInt(0, 0x11223344, ByteOrder.LITTLE_ENDIAN);
        assertEquals("initial packet's magic must be 0x11223344: magic=0x44332211", refusal(2, GUEST));
    }

    @Test
    void shouldRefusePacketWhenVersionIsWrong() {
        packet.putInt(4, -2, ByteOrder.BIG_ENDIAN);
        assertEquals("initial packet's version must be 1: channel=1 version=4294967294", refusal(2, GUEST));
    }

    @Test
    void shouldRefusePacketWhenItIsOfAnotherGuest() {
        packet.putByte(8 + 15, (byte) 0x89);
        assertEquals(
                "initial packet must be of this guest: channel=1 uuid=12345678-9abc-def0-1122-334455667789"
                        + " expected=12345678-9abc-def0-1122-334455667788",
                refusal(2, GUEST));
    }

    @Test
    void shouldRefusePacketWhenChannelIdIsNotBelowChannels() {
        packet.putByte(24, (byte) 2);
        assertEquals(
                "channel id must be below multifd-channels, set it as the source has it: channel=2 multifd-channels=2",
                refusal(2, GUEST));
    }

    @Test
    void shouldTakeChannelIdAsUnsignedWhenItHasItsHighestBit() {
        packet.putByte(24, (byte) 255);
        assertEquals(
                "channel id must be below multifd-channels, set it as the source has it: channel=255"
                        + " multifd-channels=255",
                refusal(255, GUEST));
        packet.putByte(24, (byte) 254);
        assertDoesNotThrow(() -> validate(255, GUEST));
    }

    private String refusal(int channels, UUID expected) {
        return assertThrows(WireException.class, () -> validate(channels, expected))
                .getMessage();
    }

    private void validate(int channels, UUID expected) throws WireException {
        InitialPacketValidator.validate(new InitialPacketFlyweight().wrap(packet, 0), channels, expected);
    }
}
