package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A packet made after {@code MultiFDPacketDeviceState_t}, since only vfio devices send any, spoilt in one place at a
 * time.
 */
@Timeout(30)
class DeviceStatePacketValidatorTest {
    private static final int FLAGS = 8;
    private static final int IDSTR = 12;
    private static final int INSTANCE = 268;
    private static final int LENGTH = 272;

    private final UnsafeBuffer packet = new UnsafeBuffer(new byte[276]);

    @BeforeEach
    void makePacket() {
        packet.putInt(0, 0x11223344, ByteOrder.BIG_ENDIAN);
        packet.putInt(4, 1, ByteOrder.BIG_ENDIAN);
        putInt(FLAGS, 0x40);
        packet.putStringWithoutLengthAscii(IDSTR, "0000:00:04.0/vfio");
        putInt(INSTANCE, 3);
        putInt(LENGTH, 1 << 20);
    }

    @Test
    void shouldReadPacketWhenNothingIsWrong() throws WireException {
        DeviceStatePacketFlyweight fields = new DeviceStatePacketFlyweight().wrap(packet, 0);
        PacketHeaderValidator.validate(fields, 5);
        DeviceStatePacketValidator.validate(fields, 5);
        assertEquals("0000:00:04.0/vfio", fields.idstr());
        assertEquals(3, fields.instanceId());
        assertEquals(1 << 20, fields.nextPacketSize());
        assertEquals(276, DeviceStatePacketFlyweight.LENGTH);
    }

    @Test
    void shouldRefusePacketWhenItIsASync() {
        putInt(FLAGS, 0x41);
        assertEquals("device-state packet must not be a SYNC: channel=5 flags=0x41", refusal());
    }

    @Test
    void shouldRefusePacketWhenItIsCompressed() {
        putInt(FLAGS, 0x44);
        assertEquals("device-state packet must not be compressed: channel=5 compression=zstd flags=0x44", refusal());
    }

    @Test
    void shouldRefusePacketWhenNameDoesNotEnd() {
        packet.setMemory(IDSTR, 256, (byte) 'v');
        assertEquals(
                "device-state packet's idstr must end with a NUL: channel=5 idstr=" + "v".repeat(64) + "...",
                refusal());
    }

    @Test
    void shouldAcceptPacketWhenNameIsAsLongAsItCanBe() {
        packet.setMemory(IDSTR, 255, (byte) 'v');
        assertDoesNotThrow(this::validate);
    }

    @Test
    void shouldRefusePacketWhenItNamesNoDevice() {
        packet.putByte(IDSTR, (byte) 0);
        assertEquals("device-state packet must name its device: channel=5 instance=3", refusal());
    }

    @Test
    void shouldRefusePacketWhenItHasNoData() {
        putInt(LENGTH, 0);
        assertEquals("device-state packet must have data: channel=5 device=0000:00:04.0/vfio", refusal());
    }

    @ParameterizedTest
    @CsvSource({"16777217, 16777217", "-1, 4294967295"})
    void shouldRefusePacketWhenItsDataIsHuge(int value, String shown) {
        putInt(LENGTH, value);
        assertEquals(
                "device-state packet's data must be 16777216 bytes at the most:"
                        + " channel=5 device=0000:00:04.0/vfio length=" + shown,
                refusal());
    }

    private void putInt(int at, int value) {
        packet.putInt(at, value, ByteOrder.BIG_ENDIAN);
    }

    private String refusal() {
        return assertThrows(WireException.class, this::validate).getMessage();
    }

    private void validate() throws WireException {
        DeviceStatePacketValidator.validate(new DeviceStatePacketFlyweight().wrap(packet, 0), 5);
    }
}
