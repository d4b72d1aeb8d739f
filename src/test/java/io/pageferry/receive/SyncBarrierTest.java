package io.pageferry.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@LeakFree
@Timeout(60)
class SyncBarrierTest {
    private static final int CHANNELS = 3;

    private final SyncBarrier barrier =
            new SyncBarrier(CHANNELS, new StallWatch(Duration.ofMinutes(1)), new MigrationStats(1));
    private final SyncBarrier open =
            new SyncBarrier(CHANNELS, true, new StallWatch(Duration.ofMinutes(1)), new MigrationStats(1));
    private final List<Thread> threads = new ArrayList<>();

    @Test
    void shouldHoldChannelsUntilTheMainChannelHasCollectedThemAll() throws Exception {
        List<CompletableFuture<Void>> arrived = List.of(arriving(0), arriving(1), arriving(2));
        arrived.forEach(channel -> assertFalse(channel.isDone()));
        barrier.collect();
        for (CompletableFuture<Void> channel : arrived) {
            channel.get();
        }
    }

    @Test
    void shouldHoldTheMainChannelUntilAllChannelsHaveArrived() throws Exception {
        CompletableFuture<Void> collected = collecting();
        arriving(0);
        arriving(2);
        assertFalse(collected.isDone());
        start(() -> barrier.arrive(1, 0, 0));
        collected.get();
        end();
    }

    @Test
    void shouldFailWhenAChannelHasEndedWithoutSync() throws Exception {
        arriving(0);
        barrier.end(1);
        assertEquals(
                "channel must send SYNC before it closes: channels={1}",
                assertThrows(ReceiveException.class, barrier::collect).getMessage());
        interruptAll();
    }

    @Test
    void shouldFailWhenAChannelEndsWhileItIsAwaited() throws Exception {
        CompletableFuture<Void> collected = collecting();
        barrier.end(2);
        assertEquals(
                "channel must send SYNC before it closes: channels={2}",
                assertInstanceOf(ReceiveException.class, failureOf(collected)).getMessage());
    }

    /** As at the end of a migration: a source closes its channels after the last sync. */
    @Test
    void shouldNotMindWhenChannelsEndAfterTheirSync() throws Exception {
        List<CompletableFuture<Void>> arrived = List.of(arriving(0), arriving(1), arriving(2));
        barrier.collect();
        for (int channel = 0; channel < CHANNELS; channel++) {
            arrived.get(channel).get();
            barrier.end(channel);
        }
        barrier.endRam();
    }

    @Test
    void shouldFailWhenRamEndsAndAChannelStillWaitsInSync() throws Exception {
        CompletableFuture<Void> arrived = arriving(1);
        barrier.endRam();
        assertEquals(
                "packet must not come after the end of RAM: channel=1",
                assertInstanceOf(ReceiveException.class, failureOf(arrived)).getMessage());
    }

    @Test
    void shouldRefusePacketsWhenRamHasEnded() throws Exception {
        barrier.endRam();
        assertEquals(
                "packet must not come after the end of RAM: channel=1",
                assertThrows(ReceiveException.class, () -> barrier.requireRam(1))
                        .getMessage());
        assertThrows(ReceiveException.class, () -> barrier.arrive(1, 0, 0));
    }

    /**
     * A packet behind the last SYNC may be taken in before the main channel says that RAM has ended: that must not save
     * it.
     */
    @Test
    void shouldRefuseTheEndOfRamWhenAChannelHasSentPacketsSinceItsSync() throws Exception {
        List<CompletableFuture<Void>> arrived = List.of(arriving(0), arriving(1), arriving(2));
        barrier.collect();
        for (CompletableFuture<Void> channel : arrived) {
            channel.get();
        }
        barrier.requireRam(2);
        assertEquals(
                "packet must not come after the end of RAM: channel=2",
                assertThrows(ReceiveException.class, barrier::endRam).getMessage());
    }

    @Test
    void shouldTakeTheEndOfRamWhenAllPacketsWereSynced() throws Exception {
        for (int channel = 0; channel < CHANNELS; channel++) {
            barrier.requireRam(channel);
        }
        List<CompletableFuture<Void>> arrived = List.of(arriving(0), arriving(1), arriving(2));
        barrier.collect();
        barrier.endRam();
        for (CompletableFuture<Void> channel : arrived) {
            channel.get();
        }
    }

    @Test
    void shouldEndTheMainChannelsWaitWhenItIsInterrupted() throws Exception {
        CompletableFuture<Void> collected = collecting();
        interruptAll();
        assertInstanceOf(InterruptedException.class, failureOf(collected));
    }

    @Test
    void shouldEndAChannelsWaitWhenItIsInterrupted() throws Exception {
        CompletableFuture<Void> arrived = arriving(0);
        interruptAll();
        assertInstanceOf(InterruptedException.class, failureOf(arrived));
    }

    @Test
    void shouldWaitForAChannelWhosePacketsAreMissing() throws Exception {
        open.join(0);
        open.join(2);
        arriving(open, 0, 1, 0);
        arriving(open, 2, 1, 2);
        CompletableFuture<Void> collected = collecting(open);
        assertFalse(collected.isDone());
        assertEquals(
                "another channel, of which packets are missing: channels={0, 2} packets=2 highestNumber=2",
                open.toString());
        open.join(1);
        start(() -> open.arrive(1, 1, 1));
        collected.get();
        assertFalse(open.knowsAll());
        end();
    }

    /** Its SYNC was the last packet of all, so that nobody missed it. */
    @Test
    void shouldLetAChannelCatchUpThatComesAfterTheFirstSync() throws Exception {
        open.join(0);
        CompletableFuture<Void> first = arriving(open, 0, 1, 0);
        assertFalse(open.collect());
        first.get();
        arriving(open, 0, 2, 2);
        CompletableFuture<Void> collected = collecting(open);
        open.join(1);
        open.arrive(1, 1, 1);
        assertFalse(collected.isDone());
        start(() -> open.arrive(1, 2, 3));
        collected.get();
        assertTrue(open.knowsAll());
        open.endRam();
        end();
    }

    @Test
    void shouldRefusePagesInFrontOfTheFirstSyncOfAChannelThatComesLate() throws Exception {
        open.join(0);
        CompletableFuture<Void> first = arriving(open, 0, 1, 0);
        open.collect();
        first.get();
        open.join(1);
        assertEquals(
                "channel that comes late must begin with SYNC: channel=1 packets=2",
                assertThrows(ReceiveException.class, () -> open.arrive(1, 2, 2)).getMessage());
    }

    @Test
    void shouldPromiseNothingWhenAChannelMayStillBeMissing() throws Exception {
        open.join(0);
        CompletableFuture<Void> first = arriving(open, 0, 1, 0);
        open.collect();
        first.get();
        assertEquals(
                "channels must have synced twice by the end of RAM, or one may be missing: syncs=1",
                assertThrows(ReceiveException.class, open::endRam).getMessage());
    }

    /** No channel is ever a round ahead: between two syncs all are in the same one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 32})
    void shouldKeepAllChannelsInTheSameRound(int channels) throws Exception {
        int rounds = 2000;
        SyncBarrier many = new SyncBarrier(channels, new StallWatch(Duration.ofMinutes(1)), new MigrationStats(1));
        AtomicIntegerArray done = new AtomicIntegerArray(channels);
        List<Callable<?>> tasks = new ArrayList<>();
        for (int i = 0; i < channels; i++) {
            int channel = i;
            tasks.add(() -> {
                for (int round = 1; round <= rounds; round++) {
                    done.set(channel, round);
                    many.arrive(channel, 0, 0);
                }
                many.end(channel);
                return null;
            });
        }
        tasks.add(() -> {
            for (int round = 1; round <= rounds; round++) {
                many.collect();
                for (int channel = 0; channel < channels; channel++) {
                    int at = done.get(channel);
                    assertTrue(at == round || at == round + 1, "round=" + round + " channel's=" + at);
                }
            }
            return null;
        });
        Threads.runTogether(tasks);
    }

    private CompletableFuture<Void> arriving(int channel) {
        return arriving(barrier, channel, 0, 0);
    }

    private CompletableFuture<Void> arriving(SyncBarrier at, int channel, long packets, long highest) {
        CompletableFuture<Void> arrived = start(() -> at.arrive(channel, packets, highest));
        Threads.awaitParked(threads.getLast());
        return arrived;
    }

    private CompletableFuture<Void> collecting() {
        return collecting(barrier);
    }

    private CompletableFuture<Void> collecting(SyncBarrier at) {
        CompletableFuture<Void> collected = start(at::collect);
        Threads.awaitParked(threads.getLast());
        return collected;
    }

    /** A wait at the barrier. */
    @FunctionalInterface
    private interface Wait {
        void run() throws Exception;
    }

    private CompletableFuture<Void> start(Wait wait) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        threads.add(Thread.ofVirtual().start(() -> {
            try {
                wait.run();
                result.complete(null);
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        }));
        return result;
    }

    private static Throwable failureOf(CompletableFuture<Void> result) {
        return assertThrows(ExecutionException.class, result::get).getCause();
    }

    private void interruptAll() {
        threads.forEach(Thread::interrupt);
    }

    private void end() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
