package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.RamLayout;
import io.pageferry.memory.WarmMemory;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connection;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory that the network has is nobody else's until the kernel says so, however a channel ends. */
@LeakFree
@Timeout(60)
class ZeroCopyPacketWriterTest {
    private static final String WHAT = "packet";

    /** More than sockets hold. */
    private static final int GUEST_BYTES = 64 << 20;

    private static final RamLayout LAYOUT = new RamLayout(4096, List.of("ram"), new long[] {GUEST_BYTES});
    private static final int SMALL = 64 * 1024;
    private static final int FIELD_BYTES = 64;
    private static final byte FIRST = 0x11;
    private static final byte SECOND = 0x22;

    private final LongAdder missed = new LongAdder();
    private final ChannelStats stats = new MigrationStats(1).channel(0);

    @Test
    void shouldLeaveGuestsMemoryToNobodyWhenInterruptedBeforePeerHasTakenIt() throws Exception {
        try (WarmMemory warm = new WarmMemory(GUEST_BYTES, Duration.ofHours(1));
                Loopback loopback = Loopback.open()) {
            GuestMemory first = new GuestMemory(LAYOUT, warm);
            MemoryRegion region = first.region(LAYOUT.block(0));
            region.segment().fill(FIRST);
            CompletableFuture<Void> ended = new CompletableFuture<>();
            Thread sending = Thread.ofPlatform().name("sending").start(() -> {
                try (PacketWriter writer = writer(loopback.ours(), true)) {
                    writer.write(packet(region, GUEST_BYTES), WHAT);
                    ended.complete(null);
                } catch (Throwable e) {
                    ended.completeExceptionally(e);
                }
            });
            Threads.awaitWaitingForSocket(sending);
            sending.interrupt();
            assertInstanceOf(
                    ClosedByInterruptException.class,
                    ended.handle((_, failure) -> failure).get());
            loopback.ours().close();
            assertTrue(region.isLent());
            assertEquals(1, stats.zeroCopyLostBuffers.get());

            first.close();
            assertEquals(0, warm.keptBytes());
            try (GuestMemory second = new GuestMemory(LAYOUT, warm)) {
                second.region(LAYOUT.block(0)).segment().fill(SECOND);
                requireOnly(FIRST, loopback.peers());
            }
        }
    }

    @Test
    void shouldLeaveGuestsMemoryToTheNextWhenPeerHasTakenItAtASync() throws Exception {
        try (WarmMemory warm = new WarmMemory(GUEST_BYTES, Duration.ofHours(1));
                Loopback loopback = Loopback.open()) {
            GuestMemory memory = new GuestMemory(LAYOUT, warm);
            MemoryRegion region = memory.region(LAYOUT.block(0));
            try (PacketWriter writer = writer(loopback.ours(), true)) {
                writer.write(packet(region, SMALL), WHAT);
                writer.write(packet(region, SMALL), WHAT);
                loopback.peers().readFully(ByteBuffer.allocateDirect(2 * (FIELD_BYTES + SMALL)), WHAT);
                writer.flush();
                assertFalse(region.isLent());
            }
            memory.close();
            assertEquals(GUEST_BYTES, warm.keptBytes());
            assertEquals(0, stats.zeroCopyLostBuffers.get());
        }
    }

    @Test
    void shouldHaveTheSameBufferAgainWhenAPacketIsThrough() throws Exception {
        try (BufferPool pool = new BufferPool(SMALL, 2, 1);
                Loopback loopback = Loopback.open();
                PacketWriter writer = writer(loopback.ours(), false)) {
            MemoryRegion buffer = pool.borrow();
            writer.write(packet(buffer, SMALL), WHAT);
            assertFalse(buffer.isLent());
            pool.giveBack(buffer);
            assertSame(buffer, pool.borrow());
            pool.giveBack(buffer);
        }
        assertEquals(0, stats.zeroCopyLostBuffers.get());
    }

    private PacketWriter writer(Connection connection, boolean pagesStay) throws IOException {
        return new ZeroCopyPacketWriter(connection, 1, pagesStay, missed, stats);
    }

    private static IoVector packet(MemoryRegion region, int bytes) {
        IoVector packet = new IoVector(2);
        packet.add(ByteBuffer.allocateDirect(FIELD_BYTES));
        packet.add(region, 0, bytes);
        return packet;
    }

    /** Reads a packet to its end, wherever that is. */
    private static void requireOnly(byte content, Connection connection) throws IOException {
        connection.readFully(ByteBuffer.allocateDirect(FIELD_BYTES), WHAT);
        ByteBuffer expected = ByteBuffer.allocate(SMALL);
        while (expected.hasRemaining()) {
            expected.put(content);
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(SMALL);
        long total = 0;
        while (connection.readSome(buffer.clear(), WHAT) >= 0) {
            buffer.flip();
            assertEquals(-1, buffer.mismatch(expected.clear().limit(buffer.limit())), "bytes before: " + total);
            total += buffer.limit();
        }
        assertTrue(total > 0);
    }
}
