package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharedBandwidthTest {
    private static final int PAYMENT = 64 * 1024;
    private static final long SLOW = 50 << 20;
    private static final int PAYMENTS = 300;

    @Test
    void shouldNotSlowDownWhenThereIsNoLimit() {
        assertSame(Throttle.NONE, new SharedBandwidth(0).share(1, 0));
    }

    @Test
    void shouldTakeAsLongAsTheHostsBytesTake() throws Exception {
        Throttle share = new SharedBandwidth(SLOW).share(1, 0);
        assertTakesAtLeast(PAYMENTS * PAYMENT / 2, SLOW, () -> pay(share, PAYMENTS / 2));
    }

    @Test
    void shouldTakeAsLongAsAMigrationsOwnBytesTakeHoweverManyChannelsItHas() throws Exception {
        Throttle share = new SharedBandwidth(0).share(1, SLOW);
        List<Callable<Void>> channels = List.of(() -> pay(share, 50), () -> pay(share, 50), () -> pay(share, 50));
        assertTakesAtLeast(150L * PAYMENT, SLOW, () -> {
            Threads.runTogether(channels);
            return null;
        });
    }

    @Test
    void shouldGiveThreeTimesAsMuchToThreeTimesTheWeight() throws Exception {
        SharedBandwidth host = new SharedBandwidth(SLOW);
        assertShare(3, host.share(1, 0), 1, host.share(3, 0), 1);
    }

    @Test
    void shouldGiveAsMuchToOneChannelAsToEight() throws Exception {
        SharedBandwidth host = new SharedBandwidth(SLOW);
        assertShare(1, host.share(1, 0), 1, host.share(1, 0), 8);
    }

    @Test
    void shouldEndAWaitWhenItsThreadIsInterrupted() throws Exception {
        SharedBandwidth host = new SharedBandwidth(1);
        Throttle first = host.share(1, 0);
        first.spend(1);
        first.spend(PAYMENT); // the next turn is in hours
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                host.share(1, 0).spend(1);
                ended.complete(null);
            } catch (InterruptedException e) {
                ended.completeExceptionally(e);
            }
        });
        Threads.awaitParked(waiting);
        waiting.interrupt();
        ExecutionException end = assertThrows(ExecutionException.class, () -> ended.get(10, TimeUnit.SECONDS));
        assertEquals(InterruptedException.class, end.getCause().getClass());
    }

    /** Two that always want more: counts what the second gets until the first has got its part. */
    private static void assertShare(int times, Throttle first, int firstChannels, Throttle second, int secondChannels)
            throws Exception {
        AtomicInteger firstLeft = new AtomicInteger(PAYMENTS / (times + 1));
        AtomicInteger secondGot = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(firstChannels + secondChannels);
        List<Callable<Void>> channels = new ArrayList<>();
        for (int i = 0; i < firstChannels; i++) {
            channels.add(() -> {
                start.await();
                while (firstLeft.getAndDecrement() > 0) {
                    first.spend(PAYMENT);
                }
                return null;
            });
        }
        for (int i = 0; i < secondChannels; i++) {
            channels.add(() -> {
                start.await();
                while (firstLeft.get() > 0) {
                    second.spend(PAYMENT);
                    secondGot.incrementAndGet();
                }
                return null;
            });
        }
        Threads.runTogether(channels);
        double ratio = (double) secondGot.get() / (PAYMENTS / (times + 1));
        assertTrue(ratio > times * 0.6 && ratio < times * 1.7, "ratio=" + ratio);
    }

    private static Void pay(Throttle share, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            share.spend(PAYMENT);
        }
        return null;
    }

    /**
     * Waiting too long is no fault: other processes may be busy. Half a payment, and what may be moved at once, come
     * before the first wait.
     */
    private static void assertTakesAtLeast(long bytes, long bytesPerSecond, Callable<Void> work) throws Exception {
        long start = System.nanoTime();
        work.call();
        double seconds = (System.nanoTime() - start) / 1e9;
        double least = (double) (bytes - 2 * PAYMENT) / bytesPerSecond - 0.02;
        assertTrue(seconds >= least, "seconds=" + seconds + " least=" + least);
    }
}
