package io.pageferry.receive;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.MemoryPageSink;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.Golden;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import io.pageferry.testing.PagePattern;
import io.pageferry.testing.PlainCodecs;
import io.pageferry.testing.Threads;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamPacketFlyweight;
import io.pageferry.wire.WireException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One multifd channel on a real connection, with packets of real QEMUs. */
@LeakFree
@Timeout(30)
class ChannelReceiverTest {
    private static final int PAGE = 4096;
    private static final int MAGIC_OFFSET = 0;

    /** The blocks that the golden packets' guest had. */
    private static final RamLayout LAYOUT =
            new RamLayout(PAGE, List.of("pc.ram", "/rom@etc/acpi/tables", "pc.rom", "/rom@etc/acpi/rsdp"), new long[] {
                64L << 20, 0x20000, 0x20000, 0x1000
            });

    private final SyncBarrier barrier =
            new SyncBarrier(1, new StallWatch(Duration.ofMinutes(1)), new MigrationStats(1));
    private final ChannelStats stats = new MigrationStats(1).channel(0);
    private final CompletableFuture<Void> received = new CompletableFuture<>();
    private GuestMemory memory;
    private Loopback loopback;
    private Thread receiving;

    @BeforeEach
    void start() throws Exception {
        memory = new GuestMemory(LAYOUT);
        loopback = Loopback.open();
        IncomingGuest guest = new IncomingGuest(
                new MemoryPageSink(memory),
                new PacketGeometry(PAGE),
                true,
                new DeviceStateIntake(
                        (piece, data) -> {}, CompressionMethod.NONE, Long.MAX_VALUE, new MigrationStats(1)),
                true);
        ChannelCodecs codecs = PlainCodecs.open();
        ChannelReceiver receiver =
                new ChannelReceiver(0, loopback.ours(), guest, codecs.method(), codecs.newDecoder(), barrier, stats);
        receiving = Thread.ofVirtual().start(() -> {
            try {
                receiver.run(ByteBuffer.allocate(0));
                barrier.end(0);
                received.complete(null);
            } catch (Exception e) {
                received.completeExceptionally(e);
            }
        });
    }

    @AfterEach
    void close() throws InterruptedException {
        receiving.interrupt();
        receiving.join();
        loopback.close();
        memory.close();
    }

    @Test
    void shouldPutPagesWhereThePacketSays() throws Exception {
        int normal = send("qemu-10.0/mixed", 1);
        loopback.peers().endOutput();
        received.get();
        assertPages("qemu-10.0/mixed", 1);
        assertEquals(normal, stats.normal.get());
        assertEquals(32 - normal, stats.duplicate.get());
        assertEquals(1, stats.packets.get());
        assertEquals(
                InitialPacketFlyweight.LENGTH + 1344 + normal * PAGE,
                stats.multifdBytes.get(),
                "initial packet included");
    }

    @Test
    void shouldTakeTheLastContentOfPages() throws Exception {
        send("qemu-10.0/normal", 1);
        send("qemu-10.0/normal", 2);
        loopback.peers().endOutput();
        received.get();
        assertPages("qemu-10.0/normal", 2);
    }

    /** As QEMU before 9.0 sends it: the pages of a packet with SYNC belong to the round that it ends. */
    @Test
    void shouldTakePagesBeforeTheSyncOfTheSamePacket() throws Exception {
        send("qemu-7.2/sync-with-page", 1);
        barrier.collect();
        assertPages("qemu-7.2/sync-with-page", 1);
        assertEquals(1, stats.syncs.get());
    }

    @Test
    void shouldHoldPacketsOfTheNextRoundUntilTheSyncIsCollected() throws Exception {
        send("qemu-10.0/normal", 1);
        send("qemu-10.0/sync", 0);
        send("qemu-10.0/normal", 2);
        await().until(() -> stats.syncs.get() == 1);
        Threads.awaitParked(receiving);
        assertPages("qemu-10.0/normal", 1);
        barrier.collect();
        loopback.peers().endOutput();
        received.get();
        assertPages("qemu-10.0/normal", 2);
    }

    @Test
    void shouldPassOverThePacketThatOldSourcesSendAfterSync() throws Exception {
        send("qemu-7.2/empty-after-sync", 0);
        loopback.peers().endOutput();
        received.get();
        assertEquals(1, stats.packets.get());
        assertEquals(0, stats.syncs.get());
    }

    @Test
    void shouldFailTheSyncWhenTheChannelHasEndedWithoutIt() throws Exception {
        loopback.peers().endOutput();
        received.get();
        assertThrows(ReceiveException.class, barrier::collect);
    }

    /**
     * Who waits for this channel's SYNC must not speak first: what is wrong with the channel is the reason for all that
     * follows.
     */
    @Test
    void shouldLeaveItToTheChannelsOwnFailureToEndTheSync() throws Exception {
        CompletableFuture<Void> collected = new CompletableFuture<>();
        Thread collecting = Thread.ofVirtual().start(() -> {
            try {
                barrier.collect();
                collected.complete(null);
            } catch (Exception e) {
                collected.completeExceptionally(e);
            }
        });
        Threads.awaitParked(collecting);
        UnsafeBuffer packet = Golden.packet("qemu-10.0/sync");
        packet.putByte(MAGIC_OFFSET, (byte) 0);
        write(packet);
        assertEquals(
                WireException.class,
                assertThrows(ExecutionException.class, received::get).getCause().getClass());
        receiving.join();
        Threads.awaitParked(collecting);
        assertFalse(collected.isDone());
        collecting.interrupt();
        collecting.join();
    }

    @Test
    void shouldFailWhenTheChannelEndsInsideItsPages() throws Exception {
        UnsafeBuffer packet = Golden.packet("qemu-10.0/normal");
        write(packet);
        loopback.peers().writeFully(ByteBuffer.allocate(100), "part of a page");
        loopback.peers().endOutput();
        NetException failure = (NetException)
                assertThrows(ExecutionException.class, received::get).getCause();
        int length = new RamPacketFlyweight().wrap(packet, 0).nextPacketSize();
        assertEquals(
                "peer must not close inside a message: peer awaited=\"page data\" got=100 missing=" + (length - 100),
                failure.getMessage().replaceAll("connection from \\S+", "peer"));
    }

    @Test
    void shouldRefusePacketsWhenRamHasEnded() throws Exception {
        barrier.endRam();
        send("qemu-10.0/normal", 1);
        assertEquals(
                "packet must not come after the end of RAM: channel=0",
                assertThrows(ExecutionException.class, received::get).getCause().getMessage());
    }

    private int send(String name, int version) throws IOException {
        UnsafeBuffer bytes = Golden.packet(name);
        write(bytes);
        RamPacketFlyweight packet = new RamPacketFlyweight().wrap(bytes, 0);
        for (int slot = 0; slot < packet.normalPages(); slot++) {
            byte[] page = PagePattern.of(block(packet), packet.pageOffset(slot), version);
            loopback.peers().writeFully(ByteBuffer.wrap(page), "page");
        }
        return packet.normalPages();
    }

    private void write(UnsafeBuffer packet) throws IOException {
        loopback.peers().writeFully(ByteBuffer.wrap(packet.byteArray()), "packet");
    }

    private void assertPages(String name, int version) {
        RamPacketFlyweight packet = new RamPacketFlyweight().wrap(Golden.packet(name), 0);
        RamBlock block = block(packet);
        for (int slot = 0; slot < packet.normalPages() + packet.zeroPages(); slot++) {
            long offset = packet.pageOffset(slot);
            byte[] page = memory.region(block).segment().asSlice(offset, PAGE).toArray(ValueLayout.JAVA_BYTE);
            int expected = slot < packet.normalPages() ? version : 0;
            assertArrayEquals(PagePattern.of(block, offset, expected), page, "slot=" + slot);
        }
    }

    private static RamBlock block(RamPacketFlyweight packet) {
        return LAYOUT.blocks().stream()
                .filter(block -> block.name().equals(packet.blockName()))
                .findFirst()
                .orElseThrow();
    }
}
