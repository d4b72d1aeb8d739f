package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Times are held from below only: a slow machine makes each wait longer, none shorter. */
@LeakFree
@Timeout(30)
class RateLimiterTest {
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long WINDOW_BYTES = 1000;

    private final AtomicLong transferred = new AtomicLong();
    private final long start = System.nanoTime();
    private final BandwidthLimit limit = new BandwidthLimit(10 * WINDOW_BYTES);
    private final RateLimiter limiter = new RateLimiter(limit, transferred::get);

    @Test
    void shouldNotEvenAskWhatWasSentWhenThereIsNoLimit() throws Exception {
        AtomicLong asked = new AtomicLong();
        new RateLimiter(new BandwidthLimit(0), asked::incrementAndGet).pace();
        assertEquals(0, asked.get());
    }

    @Test
    void shouldWaitTheWindowOutWhenItsBytesAreSent() throws Exception {
        limiter.pace();
        transferred.set(WINDOW_BYTES);
        limiter.pace();
        assertPassed(1, start);
    }

    @Test
    void shouldWaitForAsManyWindowsAsWereSent() throws Exception {
        transferred.set(3 * WINDOW_BYTES);
        limiter.pace();
        assertPassed(3, start);
    }

    /** Channels go on with what was handed to them: all of it counts, whenever it went out. */
    @Test
    void shouldCountWhatChannelsSendWhileItWaits() throws Exception {
        Iterator<Long> answers = List.of(WINDOW_BYTES).iterator();
        new RateLimiter(limit, () -> answers.hasNext() ? answers.next() : 5 * WINDOW_BYTES).pace();
        assertPassed(5, start);
    }

    @Test
    void shouldCountWhatChannelsSendBetweenTwoHandOffs() throws Exception {
        for (int sent = 1; sent <= 4; sent++) {
            transferred.set(sent * WINDOW_BYTES);
            limiter.pace();
            assertPassed(sent, start);
        }
    }

    @Test
    void shouldSaveNothingUpWhileNothingIsSent() throws Exception {
        while (System.nanoTime() - start < 3 * WINDOW_NANOS) {
            Thread.onSpinWait();
        }
        long burst = System.nanoTime();
        limiter.pace();
        transferred.set(2 * WINDOW_BYTES);
        limiter.pace();
        assertPassed(1, burst); // the window that was under way may have begun before
    }

    @Test
    void shouldEndItsWaitWhenItIsInterrupted() throws Exception {
        transferred.set(1_000_000 * WINDOW_BYTES);
        CompletableFuture<Void> paced = new CompletableFuture<>();
        Thread pacing = pacing(paced);
        Threads.awaitParked(pacing);
        pacing.interrupt();
        assertInstanceOf(
                InterruptedException.class,
                assertThrows(ExecutionException.class, paced::get).getCause());
    }

    @Test
    void shouldGoOnWhenTheLimitIsTakenAway() throws Exception {
        transferred.set(1_000_000 * WINDOW_BYTES);
        CompletableFuture<Void> paced = new CompletableFuture<>();
        Threads.awaitParked(pacing(paced));
        limit.set(0);
        paced.get();
    }

    @Test
    void shouldLimitWhatComesFromNowOnWhenThereWasNoLimit() throws Exception {
        limit.set(0);
        limiter.pace();
        transferred.set(1_000_000 * WINDOW_BYTES);
        limit.set(10 * WINDOW_BYTES);
        limiter.pace();
        long limited = System.nanoTime();
        transferred.addAndGet(2 * WINDOW_BYTES);
        limiter.pace();
        assertPassed(1, limited); // the window that was under way may have begun before
    }

    @Test
    void shouldLetSomethingPassWhenTheLimitIsTiny() throws Exception {
        AtomicLong bytes = new AtomicLong();
        RateLimiter tiny = new RateLimiter(new BandwidthLimit(1), bytes::get);
        tiny.pace();
        bytes.set(1);
        tiny.pace();
        assertPassed(1, start);
    }

    private Thread pacing(CompletableFuture<Void> paced) {
        return Thread.ofVirtual().start(() -> {
            try {
                limiter.pace();
                paced.complete(null);
            } catch (InterruptedException e) {
                paced.completeExceptionally(e);
            }
        });
    }

    private static void assertPassed(int windows, long sinceNanos) {
        long passed = System.nanoTime() - sinceNanos;
        assertTrue(passed >= windows * WINDOW_NANOS, () -> "waited for " + passed / 1_000_000 + " ms only");
    }
}
