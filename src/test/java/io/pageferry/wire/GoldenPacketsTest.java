package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Golden;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets of real QEMUs read, and written again to the same bytes. */
@Timeout(30)
class GoldenPacketsTest {
    private static final UUID GUEST = UUID.fromString("12345678-9abc-def0-1122-334455667788");
    private static final PacketGeometry X86 = new PacketGeometry(4096);

    @ParameterizedTest
    @CsvSource({"qemu-7.2/initial, 0", "qemu-10.0/initial, 1", "qemu-10.2/initial, 0"})
    void shouldReadInitialPacketWhenQemuWroteIt(String name, int channel) throws WireException {
        InitialPacketFlyweight packet = new InitialPacketFlyweight().wrap(Golden.packet(name), 0);
        assertEquals(0x11223344, packet.magic());
        assertEquals(1, packet.version());
        assertEquals(GUEST, packet.uuid());
        assertEquals(channel, packet.channelId());
        InitialPacketValidator.validate(packet, 2, GUEST);
    }

    @ParameterizedTest
    @CsvSource({"qemu-7.2/initial, 0", "qemu-10.0/initial, 1", "qemu-10.2/initial, 0"})
    void shouldWriteInitialPacketAsQemuDoes(String name, int channel) {
        byte[] ours = dirty(InitialPacketFlyweight.LENGTH);
        new InitialPacketFlyweight().wrap(new UnsafeBuffer(ours), 0).fill(GUEST, channel);
        assertArrayEquals(Golden.bytes(name + ".packet"), ours);
    }

    @ParameterizedTest
    @CsvSource({
        "qemu-10.0/normal, 0, 128, 128,  0, 524288, pc.ram",
        "qemu-10.0/mixed,  0, 128,   3, 29,  12288, /rom@etc/acpi/tables",
        "qemu-10.0/zero,   0, 128,   0, 32,      0, pc.rom",
        "qemu-10.0/sync,   1,   0,   0,  0,      0, ''",
        "qemu-10.2/qpl-normal, 8, 128, 128,   0, 6868, pc.ram",
        "qemu-10.2/qpl-mixed,  8, 128,   6, 122, 9000, pc.ram",
        "qemu-10.2/qpl-random, 8, 128,   1, 127, 4100, pc.ram",
        "qemu-10.2/qpl-zero,   8, 128,   0, 128,    0, pc.ram",
        "qemu-10.2/qatzip-normal, 32, 128, 128,   0, 5162, pc.ram",
        "qemu-10.2/qatzip-mixed,  32, 128,   6, 122, 8140, pc.ram",
        "qemu-10.2/qatzip-random, 32, 128,   1, 127, 4133, pc.ram",
        "qemu-10.2/qatzip-zero,   32, 128,   0, 128,    0, pc.ram",
        "qemu-7.2/normal,  0, 128,  61,  0, 249856, pc.ram",
        "qemu-7.2/sync-at-start,    1, 128, 0, 0,    0, ''",
        "qemu-7.2/sync-with-page,   1, 128, 1, 0, 4096, /rom@etc/acpi/rsdp",
        "qemu-7.2/empty-after-sync, 0, 128, 0, 0, 4096, /rom@etc/acpi/rsdp",
        "qemu-7.2/sync-after-pages, 1, 128, 0, 0, 4096, /rom@etc/acpi/rsdp"
    })
    void shouldReadRamPacketWhenQemuWroteIt(
            String name, int flags, int pagesAlloc, int normal, int zero, int nextPacketSize, String block)
            throws WireException {
        RamPacketFlyweight packet = new RamPacketFlyweight().wrap(Golden.packet(name), 0);
        assertEquals(X86.ramPacketLength(), Golden.bytes(name + ".packet").length);
        assertEquals(flags, packet.flags());
        assertEquals(pagesAlloc, packet.pagesAlloc());
        assertEquals(normal, packet.normalPages());
        assertEquals(zero, packet.zeroPages());
        assertEquals(nextPacketSize, packet.nextPacketSize());
        assertEquals(block, packet.blockName());
        assertTrue(packet.packetNum() >= 0 && packet.packetNum() < 100, "number of a short migration's packet");
        PacketHeaderValidator.validate(packet, 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qemu-10.0/normal",
                "qemu-10.0/mixed",
                "qemu-10.0/zero",
                "qemu-10.2/qpl-mixed",
                "qemu-10.2/qatzip-zero",
                "qemu-7.2/normal",
                "qemu-7.2/sync-with-page",
                "qemu-7.2/empty-after-sync"
            })
    void shouldWriteRamPacketAsQemuDoes(String name) {
        RamPacketFlyweight theirs = new RamPacketFlyweight().wrap(Golden.packet(name), 0);
        byte[] ours = dirty(X86.ramPacketLength());
        RamPacketFlyweight packet = new RamPacketFlyweight()
                .wrap(new UnsafeBuffer(ours), 0)
                .fillPages(
                        theirs.flags(),
                        X86.pagesPerPacket(),
                        theirs.normalPages(),
                        theirs.zeroPages(),
                        theirs.nextPacketSize(),
                        theirs.packetNum(),
                        new UnsafeBuffer(theirs.blockName().getBytes(StandardCharsets.US_ASCII)));
        for (int slot = 0; slot < X86.pagesPerPacket(); slot++) {
            packet.pageOffset(slot, theirs.pageOffset(slot));
        }
        assertArrayEquals(Golden.bytes(name + ".packet"), ours);
    }

    @Test
    void shouldWriteSyncPacketAsQemuDoes() {
        RamPacketFlyweight theirs = new RamPacketFlyweight().wrap(Golden.packet("qemu-10.0/sync"), 0);
        byte[] ours = dirty(X86.ramPacketLength());
        new RamPacketFlyweight().wrap(new UnsafeBuffer(ours), 0).fillSync(theirs.packetNum(), X86);
        assertArrayEquals(Golden.bytes("qemu-10.0/sync.packet"), ours);
    }

    @Test
    void shouldReadAndWriteAtAnOffsetWhenABufferHasMoreThanThePacket() {
        byte[] theirs = Golden.bytes("qemu-10.0/initial.packet");
        byte[] ours = dirty(InitialPacketFlyweight.LENGTH + 2);
        InitialPacketFlyweight packet =
                new InitialPacketFlyweight().wrap(new UnsafeBuffer(ours), 1).fill(GUEST, 1);
        assertEquals(GUEST, packet.uuid());
        assertEquals(-1, ours[0]);
        assertEquals(-1, ours[ours.length - 1]);
        assertArrayEquals(theirs, Arrays.copyOfRange(ours, 1, ours.length - 1));
    }

    /** What a used buffer may hold: all that is not written shows. */
    private static byte[] dirty(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) -1);
        return bytes;
    }
}
