package io.pageferry.perf;

import io.pageferry.testing.StreamBytes;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * All that a source with one channel sends of a guest with one block: as QEMU does, or in packets and records as small
 * as they can be.
 */
final class HostileStream {
    static final int RAM_BYTES = 64 << 20;

    private static final String BLOCK = "pc.ram";
    private static final String MACHINE = "pc-i440fx-10.0";
    private static final int PAGE = 4096;
    private static final int RAM_SECTION = 2;
    private static final PacketGeometry GEOMETRY = new PacketGeometry(PAGE);

    private final StreamBytes main = new StreamBytes();
    private final ByteArrayOutputStream channel = new ByteArrayOutputStream();
    private final byte[] packet = new byte[GEOMETRY.ramPacketLength() + GEOMETRY.pagesPerPacket() * PAGE];
    private long packetNum;

    HostileStream() {
        main.u32(0x5145564d).u32(3);
        main.u8(0x07).u32(MACHINE.length()).text(MACHINE);
        main.u8(0x01).u32(RAM_SECTION).name("ram").u32(0).u32(4);
        main.u64(RAM_BYTES | 0x04).name(BLOCK).u64(RAM_BYTES);
        byte[] initial = new byte[InitialPacketFlyweight.LENGTH];
        new InitialPacketFlyweight().wrap(new UnsafeBuffer(initial), 0).fill(new UUID(1, 1), 0);
        channel.writeBytes(initial);
        flush();
        endSection();
    }

    /** A packet of pages that follow each other. */
    HostileStream packet(int normalPages, int zeroPages) {
        RamPacketFlyweight header = new RamPacketFlyweight().wrap(new UnsafeBuffer(packet), 0);
        header.fillPages(
                0,
                GEOMETRY.pagesPerPacket(),
                normalPages,
                zeroPages,
                normalPages * PAGE,
                packetNum,
                new UnsafeBuffer(BLOCK.getBytes(StandardCharsets.US_ASCII)));
        long first = packetNum * 131 % (RAM_BYTES / PAGE - GEOMETRY.pagesPerPacket());
        for (int i = 0; i < normalPages + zeroPages; i++) {
            header.pageOffset(i, (first + i) * PAGE);
        }
        packetNum++;
        channel.write(packet, 0, GEOMETRY.ramPacketLength() + normalPages * PAGE);
        return this;
    }

    /** A round's end, in a section of its own. */
    HostileStream emptyRound() {
        main.u8(0x02).u32(RAM_SECTION);
        flush();
        return endSection();
    }

    /** A section that has nothing in it. */
    HostileStream emptySection() {
        main.u8(0x02).u32(RAM_SECTION);
        return endSection();
    }

    /** A zero page on the main channel, in a section of its own. */
    HostileStream zeroPage(int page) {
        main.u8(0x02).u32(RAM_SECTION);
        main.u64((long) page * PAGE | 0x02).name(BLOCK).u8(0);
        return endSection();
    }

    HostileStream ping() {
        main.u8(0x08).u16(2).u16(4).u32(1);
        return this;
    }

    HostileStream openReturnPath() {
        main.u8(0x08).u16(1).u16(0);
        return this;
    }

    private void flush() {
        main.u64(0x200);
        new RamPacketFlyweight().wrap(new UnsafeBuffer(packet), 0).fillSync(packetNum, GEOMETRY);
        channel.write(packet, 0, GEOMETRY.ramPacketLength());
    }

    private HostileStream endSection() {
        main.u64(0x10).u8(0x7e).u32(RAM_SECTION);
        return this;
    }

    /** Ends RAM and the stream. */
    HostileStream end() {
        emptyRound();
        main.u8(0x03).u32(RAM_SECTION);
        endSection();
        String json = "{\"devices\":[]}";
        main.u8(0).u8(6).u32(json.length()).text(json);
        return this;
    }

    byte[] main() {
        return main.toBytes();
    }

    byte[] channel() {
        return channel.toByteArray();
    }
}
