package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Golden;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever bytes come, a validator refuses them as it should or what it lets through is in range. */
@Timeout(60)
class RandomPacketsTest {
    private static final int PACKETS = 200_000;
    private static final List<String> NAMES = List.of("pc.ram", "/rom@etc/acpi/tables", "pc.rom");
    private static final long[] LENGTHS = {64L << 20, 0x20000, 0x20000};
    private static final PacketGeometry GEOMETRY = new PacketGeometry(4096);

    /** Values at which comparisons go wrong. */
    private static final long[] EDGES = {
        0,
        1,
        0x7f,
        0x80,
        0x81,
        0xfff,
        0x1000,
        0x1f000,
        0x20000,
        0x80000,
        0x80001,
        0x7fffffffL,
        0x80000000L,
        0xffffffffL,
        0x7ffffffffffff000L,
        0x8000000000000000L,
        0xfffffffffffff000L,
        -1
    };

    private final SplittableRandom random = new SplittableRandom(7);
    private int accepted;

    @Test
    void shouldLetThroughOnlyWhatIsInRangeWhenRamPacketsAreSpoiltAtRandom() {
        byte[][] good = {
            Golden.bytes("qemu-10.0/normal.packet"),
            Golden.bytes("qemu-10.0/mixed.packet"),
            Golden.bytes("qemu-10.0/zero.packet"),
            Golden.bytes("qemu-7.2/sync-with-page.packet")
        };
        RamBlockTable blocks = new RamBlockTable(NAMES, LENGTHS);
        RamPacketFlyweight packet = new RamPacketFlyweight();
        RamPacketValidator validator = new RamPacketValidator(0, GEOMETRY, CompressionMethod.NONE, blocks);
        for (int i = 0; i < PACKETS; i++) {
            packet.wrap(new UnsafeBuffer(spoil(good[random.nextInt(good.length)].clone())), 0);
            try {
                PacketHeaderValidator.validate(packet, 0);
                requireInRange(packet, validator.validate(packet));
                accepted++;
            } catch (WireException e) {
                assertTrue(e.getMessage().contains(": channel=0 "), e.getMessage());
            }
        }
        assertTrue(accepted > PACKETS / 20 && accepted < PACKETS, "both kinds must come up: accepted=" + accepted);
    }

    @Test
    void shouldThrowNothingElseWhenPacketsAreNoise() {
        byte[] noise = new byte[GEOMETRY.ramPacketLength()];
        RamBlockTable blocks = new RamBlockTable(NAMES, LENGTHS);
        int refused = 0;
        for (int i = 0; i < PACKETS / 10; i++) {
            random.nextBytes(noise);
            UnsafeBuffer buffer = new UnsafeBuffer(noise);
            refused += refuses(() ->
                    InitialPacketValidator.validate(new InitialPacketFlyweight().wrap(buffer, 0), 255, new UUID(0, 0)));
            refused += refuses(() -> PacketHeaderValidator.validate(new PacketHeaderFlyweight().wrap(buffer, 0), 0));
            refused += refuses(() -> new RamPacketValidator(0, GEOMETRY, CompressionMethod.NONE, blocks)
                    .validate(new RamPacketFlyweight().wrap(buffer, 0)));
            buffer.putByte(12 + random.nextInt(256), (byte) 0);
            refused += refuses(
                    () -> DeviceStatePacketValidator.validate(new DeviceStatePacketFlyweight().wrap(buffer, 0), 0));
        }
        assertTrue(refused > PACKETS / 10 * 3, "noise must be refused: refused=" + refused);
    }

    private interface Validation {
        void run() throws WireException;
    }

    private static int refuses(Validation validation) {
        try {
            validation.run();
            return 0;
        } catch (WireException e) {
            return 1;
        }
    }

    private byte[] spoil(byte[] packet) {
        UnsafeBuffer buffer = new UnsafeBuffer(packet);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            long edge = EDGES[random.nextInt(EDGES.length)];
            switch (random.nextInt(4)) {
                case 0 -> buffer.putInt(random.nextInt(9) * 4, (int) edge, ByteOrder.BIG_ENDIAN);
                case 1 -> buffer.putLong(320 + random.nextInt(128) * 8, edge, ByteOrder.BIG_ENDIAN);
                case 2 -> buffer.putByte(64 + random.nextInt(24), (byte) edge);
                default -> buffer.putByte(random.nextInt(packet.length), (byte) random.nextInt());
            }
        }
        return packet;
    }

    private static void requireInRange(RamPacketFlyweight packet, int block) {
        int normal = packet.normalPages();
        int pages = normal + packet.zeroPages();
        assertTrue(normal >= 0 && packet.zeroPages() >= 0 && pages <= 128);
        assertTrue(packet.nextPacketSize() >= 0 && packet.nextPacketSize() <= 512 * 1024);
        if (pages == 0) {
            assertEquals(RamBlockTable.NOT_FOUND, block);
            return;
        }
        assertTrue(normal == 0 || packet.nextPacketSize() == normal * 4096);
        assertEquals(NAMES.get(block), packet.blockName());
        for (int slot = 0; slot < pages; slot++) {
            long offset = packet.pageOffset(slot);
            assertTrue(offset >= 0 && offset % 4096 == 0 && offset + 4096 <= LENGTHS[block]);
        }
    }
}
