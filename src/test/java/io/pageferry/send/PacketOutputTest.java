package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.testing.Golden;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import io.pageferry.testing.PagePattern;
import io.pageferry.testing.PlainCodecs;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a batch looks like to the peer, against what real QEMUs send for the same pages. */
@LeakFree
@Timeout(30)
class PacketOutputTest {
    private static final int PAGE = 4096;
    private static final PacketGeometry GEOMETRY = new PacketGeometry(PAGE);
    private static final int PACKET_BYTES = GEOMETRY.ramPacketLength();
    private static final int PACKET_NUM_OFFSET = 24;

    private static final RamLayout LAYOUT =
            new RamLayout(PAGE, List.of("pc.ram", "/rom@etc/acpi/tables", "pc.rom", "/rom@etc/acpi/rsdp"), new long[] {
                64L << 20, 0x20000, 0x20000, 0x1000
            });

    private final AtomicLong packetNum = new AtomicLong(40);
    private final ChannelStats stats = new MigrationStats(1).channel(0);
    private final LoadedPages loaded = new LoadedPages(GEOMETRY.pagesPerPacket());
    private GuestMemory memory;
    private Loopback loopback;
    private PacketOutput output;

    @BeforeEach
    void open() throws Exception {
        memory = new GuestMemory(LAYOUT);
        loopback = Loopback.open();
        output = new PacketOutput(
                PacketWriter.copying(loopback.ours()),
                GEOMETRY,
                PlainCodecs.open(),
                new RamBlockTable(LAYOUT.names(), LAYOUT.lengthsBytes()),
                packetNum,
                stats);
    }

    @AfterEach
    void close() {
        output.close();
        loopback.close();
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "mixed", "zero"})
    void shouldSendTheVeryPacketThatQemuSends(String name) throws Exception {
        byte[] golden = Golden.bytes("qemu-10.0/" + name + ".packet");
        PageBatch batch = batchLike(golden);
        send(batch);
        output.pause();
        byte[] packet = receive(PACKET_BYTES);
        int used = RamPacketFlyweight.OFFSETS_FIELD_OFFSET
                + batch.pages() * Long.BYTES; // QEMU leaves old offsets behind these
        assertEquals(40, ByteBuffer.wrap(packet).getLong(PACKET_NUM_OFFSET));
        ByteBuffer.wrap(packet)
                .putLong(PACKET_NUM_OFFSET, ByteBuffer.wrap(golden).getLong(PACKET_NUM_OFFSET));
        assertArrayEquals(Arrays.copyOf(golden, used), Arrays.copyOf(packet, used));
    }

    @Test
    void shouldSendPagesBehindTheirPacketInItsOrder() throws Exception {
        RamBlock block = LAYOUT.block(0);
        PageBatch batch = emptyBatch();
        batch.begin(block);
        for (long page : new long[] {5, 6, 7, 100, 9, 8}) {
            batch.add(page * PAGE);
        }
        batch.addZero(50 * PAGE);
        send(batch);
        receive(PACKET_BYTES);
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            assertArrayEquals(PagePattern.of(block, batch.offset(slot), 1), receive(PAGE), "slot=" + slot);
        }
        assertNothingMore();
    }

    @Test
    void shouldSendTheVerySyncThatQemuSends() throws Exception {
        byte[] golden = Golden.bytes("qemu-10.0/sync.packet");
        output.sync(SyncRequest.ALL);
        byte[] packet = receive(PACKET_BYTES);
        assertEquals(40, ByteBuffer.wrap(packet).getLong(PACKET_NUM_OFFSET));
        ByteBuffer.wrap(packet)
                .putLong(PACKET_NUM_OFFSET, ByteBuffer.wrap(golden).getLong(PACKET_NUM_OFFSET));
        assertArrayEquals(golden, packet);
    }

    @Test
    void shouldSendNothingWhenTheSyncIsLocal() throws Exception {
        output.sync(SyncRequest.LOCAL);
        assertNothingMore();
        assertEquals(0, stats.packets.get());
    }

    @Test
    void shouldNumberPacketsOfAllKindsOneAfterTheOther() throws Exception {
        output.sync(SyncRequest.ALL);
        send(batchLike(Golden.bytes("qemu-10.0/zero.packet")));
        output.sync(SyncRequest.ALL);
        for (long number = 40; number < 43; number++) {
            assertEquals(number, ByteBuffer.wrap(receive(PACKET_BYTES)).getLong(PACKET_NUM_OFFSET));
        }
    }

    @Test
    void shouldLetPacketsWithoutDataWaitForEachOther() throws Exception {
        PageBatch zero = batchLike(Golden.bytes("qemu-10.0/zero.packet"));
        send(zero);
        send(zero);
        assertEquals(0, loopback.ours().bytesWritten());
        output.pause();
        receive(2 * PACKET_BYTES);
        assertNothingMore();
    }

    @Test
    void shouldSendWaitingPacketsBeforeOneWithData() throws Exception {
        send(batchLike(Golden.bytes("qemu-10.0/zero.packet")));
        PageBatch normal = batchLike(Golden.bytes("qemu-10.0/normal.packet"));
        send(normal);
        for (long number = 40; number < 42; number++) {
            assertEquals(number, ByteBuffer.wrap(receive(PACKET_BYTES)).getLong(PACKET_NUM_OFFSET));
        }
        receive(normal.normalPages() * PAGE);
        assertNothingMore();
    }

    @Test
    void shouldLetNoMorePacketsWaitThanTheirRoom() throws Exception {
        PageBatch zero = batchLike(Golden.bytes("qemu-10.0/zero.packet"));
        for (int packet = 0; packet < 100; packet++) {
            send(zero);
        }
        long sent = loopback.ours().bytesWritten();
        assertTrue(sent >= 70 * PACKET_BYTES && sent % PACKET_BYTES == 0, "sent=" + sent);
        output.pause();
        assertEquals(100 * PACKET_BYTES, loopback.ours().bytesWritten());
        receive(100 * PACKET_BYTES);
    }

    @Test
    void shouldSendWholeSyncAgainWhenBatchesWereBetween() throws Exception {
        output.sync(SyncRequest.ALL);
        byte[] first = receive(PACKET_BYTES);
        output.sync(SyncRequest.ALL);
        byte[] second = receive(PACKET_BYTES);
        ByteBuffer.wrap(second).putLong(PACKET_NUM_OFFSET, 40);
        assertArrayEquals(first, second);
    }

    @Test
    void shouldCountWhatItSends() throws Exception {
        PageBatch batch = batchLike(Golden.bytes("qemu-10.0/mixed.packet"));
        send(batch);
        output.sync(SyncRequest.ALL);
        assertEquals(2, stats.packets.get());
        assertEquals(1, stats.syncs.get());
        assertEquals(batch.normalPages(), stats.normal.get());
        assertEquals(batch.zeroPages(), stats.duplicate.get());
        assertEquals(2 * PACKET_BYTES + batch.normalPages() * PAGE, stats.multifdBytes.get());
        assertEquals(stats.multifdBytes.get(), loopback.ours().bytesWritten());
    }

    private static PageBatch emptyBatch() {
        return new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, GEOMETRY.pagesPerPacket());
    }

    private static PageBatch batchLike(byte[] golden) {
        RamPacketFlyweight packet = new RamPacketFlyweight().wrap(new UnsafeBuffer(golden), 0);
        PageBatch batch = emptyBatch();
        batch.begin(LAYOUT.blocks().stream()
                .filter(block -> block.name().equals(packet.blockName()))
                .findFirst()
                .orElseThrow());
        for (int slot = 0; slot < packet.normalPages() + packet.zeroPages(); slot++) {
            if (slot < packet.normalPages()) {
                batch.add(packet.pageOffset(slot));
            } else {
                batch.addZero(packet.pageOffset(slot));
            }
        }
        return batch;
    }

    private void send(PageBatch batch) throws Exception {
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            memory.region(batch.block())
                    .window(0)
                    .putBytes((int) batch.offset(slot), PagePattern.of(batch.block(), batch.offset(slot), 1));
        }
        try (PageLoader reader = new MemoryPageSource(memory).openReader()) {
            reader.load(batch, loaded);
            output.send(batch, loaded);
        }
    }

    private byte[] receive(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        loopback.peers().readFully(bytes, "bytes");
        return bytes.array();
    }

    private void assertNothingMore() throws IOException {
        loopback.ours().endOutput();
        assertEquals(-1, loopback.peers().readSome(ByteBuffer.allocate(1), "end"));
    }
}
