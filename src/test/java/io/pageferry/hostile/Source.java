package io.pageferry.hostile;

import io.pageferry.testing.StreamBytes;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamPacketFlyweight;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a source sends of a guest with one block of 64 pages, over a main channel and two multifd ones: all bytes of
 * each, put together by hand. As it is made it is good; tests spoil it in one place.
 *
 * <p>The first two pages go over channel 0, the next two over channel 1; everything else is zero.
 */
final class Source {
    static final int CHANNELS = 2;
    static final int PAGE = 4096;
    static final int BLOCK_BYTES = 64 * PAGE;
    static final UUID GUEST = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

    static final String MACHINE = "pc-i440fx-10.0";

    private static final int RAM_SECTION = 2;
    private static final PacketGeometry GEOMETRY = new PacketGeometry(PAGE);

    /** Where things are in the main stream, and the whole of it. */
    static final int CONFIGURATION = 8;

    static final int SETUP_SECTION = CONFIGURATION + 5 + MACHINE.length();
    static final int MEM_SIZE_RECORD = SETUP_SECTION + 5 + 4 + 8;
    static final int FIRST_BLOCK = MEM_SIZE_RECORD + 8;
    static final int FLUSH_RECORD = FIRST_BLOCK + 7 + 8;

    static final int PART_SECTION = FLUSH_RECORD + 8 + 8 + 5;
    static final int DEVICE_STATE = PART_SECTION + 5 + 8 + 8 + 5 + 5 + 8 + 5;

    /** Where things are on a multifd channel. */
    static final int SYNC_PACKET = InitialPacketFlyweight.LENGTH;

    static final int DATA_PACKET = SYNC_PACKET + GEOMETRY.ramPacketLength();
    static final int PAGE_DATA = DATA_PACKET + GEOMETRY.ramPacketLength();
    static final int LAST_SYNC_PACKET = PAGE_DATA + 2 * PAGE;

    final List<byte[]> connections = new ArrayList<>();

    Source() {
        connections.add(mainStream());
        for (int channel = 0; channel < CHANNELS; channel++) {
            connections.add(channel(channel));
        }
    }

    /** Another guest's, the main connection first. */
    Source(List<byte[]> connections) {
        this.connections.addAll(connections);
    }

    byte[] main() {
        return connections.get(0);
    }

    byte[] channel0() {
        return connections.get(1);
    }

    /** Overwrites bytes of a connection: 0 is the main one, 1 channel 0. */
    Source with(int connection, int position, byte[] bytes) {
        System.arraycopy(bytes, 0, connections.get(connection), position, bytes.length);
        return this;
    }

    Source withU32(int connection, int position, int value) {
        return with(connection, position, new StreamBytes().u32(value).toBytes());
    }

    Source withU64(int connection, int position, long value) {
        return with(connection, position, new StreamBytes().u64(value).toBytes());
    }

    /** Ends a connection too soon. */
    Source cut(int connection, int length) {
        connections.set(connection, Arrays.copyOf(connections.get(connection), length));
        return this;
    }

    /** Replaces all that a connection sends. */
    Source replace(int connection, byte[] bytes) {
        connections.set(connection, bytes);
        return this;
    }

    /** Puts bytes in between. */
    Source insert(int connection, int position, byte[] bytes) {
        byte[] old = connections.get(connection);
        byte[] all = Arrays.copyOf(old, old.length + bytes.length);
        System.arraycopy(bytes, 0, all, position, bytes.length);
        System.arraycopy(old, position, all, position + bytes.length, old.length - position);
        connections.set(connection, all);
        return this;
    }

    /** What the first byte of a page is that was sent. */
    static byte contentOf(int page) {
        return (byte) (page + 1);
    }

    private static byte[] mainStream() {
        StreamBytes out = new StreamBytes();
        out.u32(0x5145564d).u32(3);
        out.u8(0x07).u32(MACHINE.length()).text(MACHINE);
        out.u8(0x01).u32(RAM_SECTION).name("ram").u32(0).u32(4);
        out.u64(BLOCK_BYTES | 0x04).name("pc.ram").u64(BLOCK_BYTES);
        endOfSection(out);
        out.u8(0x02).u32(RAM_SECTION);
        endOfSection(out);
        out.u8(0x03).u32(RAM_SECTION);
        out.u64(0x10).u8(0x7e).u32(RAM_SECTION);
        return out.raw(deviceState()).toBytes();
    }

    private static void endOfSection(StreamBytes out) {
        out.u64(0x200).u64(0x10).u8(0x7e).u32(RAM_SECTION);
    }

    private static byte[] deviceState() {
        String json = "{\"page_size\": 4096, \"devices\": []}";
        return new StreamBytes().u8(0).u8(6).u32(json.length()).text(json).toBytes();
    }

    private static byte[] channel(int channel) {
        byte[] bytes = new byte[LAST_SYNC_PACKET + GEOMETRY.ramPacketLength()];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        new InitialPacketFlyweight().wrap(buffer, 0).fill(GUEST, channel);
        new RamPacketFlyweight().wrap(buffer, SYNC_PACKET).fillSync(0, GEOMETRY);
        byte[] block = "pc.ram".getBytes(StandardCharsets.US_ASCII);
        RamPacketFlyweight packet = new RamPacketFlyweight();
        packet.wrap(buffer, DATA_PACKET)
                .fillPages(
                        CompressionMethod.NONE.flags(),
                        GEOMETRY.pagesPerPacket(),
                        2,
                        1,
                        2 * PAGE,
                        1,
                        new UnsafeBuffer(block));
        for (int i = 0; i < 2; i++) {
            int page = 2 * channel + i;
            packet.pageOffset(i, (long) page * PAGE);
            Arrays.fill(bytes, PAGE_DATA + i * PAGE, PAGE_DATA + (i + 1) * PAGE, contentOf(page));
        }
        packet.pageOffset(2, (long) (10 + channel) * PAGE);
        new RamPacketFlyweight().wrap(buffer, LAST_SYNC_PACKET).fillSync(2, GEOMETRY);
        return bytes;
    }
}
