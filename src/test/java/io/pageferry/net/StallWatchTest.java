package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which waits expire, and which do not. */
@LeakFree
@Timeout(60)
class StallWatchTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final long DEADLINE_SECONDS = 10;

    /** Some times the timeout: what has not expired by then is not going to. */
    private static final long LONG_ENOUGH_MILLIS = 400;

    private final StallWatch watch = new StallWatch(SHORT);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread watcher = watcher(watch);
    private final StallWatch intake = StallWatch.forIntake(SHORT.multipliedBy(3));
    private final Thread intakeWatcher = watcher(intake);

    private Thread watcher(StallWatch by) {
        return Thread.ofVirtual().unstarted(() -> {
            try {
                ended.complete(by.watch());
            } catch (NetException e) {
                ended.completeExceptionally(e);
            }
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Thread each : List.of(watcher, intakeWatcher)) {
            each.interrupt();
            if (each.getState() != Thread.State.NEW) {
                each.join();
            }
        }
    }

    @Test
    void shouldExpireWhenSomethingIsExpected() {
        watch.slot("channel=3").expect("packet");
        watch.arm();
        watcher.start();
        String line = expiry();
        assertTrue(
                line.startsWith(
                        "peer must not be silent for longer than stall-timeout: channel=3 awaited=\"packet\" waited="),
                line);
        assertTrue(line.endsWith("stall-timeout=100 ms"), line);
    }

    @Test
    void shouldNotExpireBeforeAPeerIsThere() {
        watch.slot("listener").expect("connection 1 of 3");
        watcher.start();
        requireNoExpiry();
        watch.arm();
        assertTrue(expiry().contains("awaited=\"connection 1 of 3\""));
    }

    @Test
    void shouldNotExpireWhenTheWaitHasEnded() {
        watch.arm();
        StallWatch.Slot slot = watch.slot("channel=0");
        slot.expect("packet");
        slot.done();
        StallWatch.Slot gone = watch.slot("channel=1");
        gone.expect("packet");
        gone.remove();
        watcher.start();
        requireNoExpiry();
    }

    @Test
    void shouldNotExpireWhenItMayBeQuiet() {
        watch.arm();
        watch.slot("channel=0").quiet("packet");
        watcher.start();
        requireNoExpiry();
    }

    @Test
    void shouldExpireWhenTheQuietIsDemandedToSpeak() {
        watch.arm();
        watch.slot("channel=0").quiet("packet");
        watcher.start();
        watch.demand(true);
        assertTrue(expiry().contains("channel=0 awaited=\"packet\""));
    }

    @Test
    void shouldExpireWhenTheIdleIsSilentAndAllOthersToo() {
        watch.arm();
        watch.slot("main channel").idle("section type");
        watch.slot("channel=0").quiet("packet");
        watcher.start();
        assertTrue(expiry().contains("main channel awaited=\"section type\""));
    }

    /** Who is only idle may have been so a moment longer. */
    @Test
    void shouldBlameWhoIsExpectedWhenAnotherIsIdle() {
        watch.arm();
        StallWatch.Slot expected = watch.slot("channel=0");
        watch.slot("main channel").idle("section type");
        expected.expect("packet");
        watcher.start();
        String line = expiry();
        assertTrue(line.contains("channel=0 awaited=\"packet\""), line);
    }

    /** A main channel may have nothing to say for as long as pages come. */
    @Test
    void shouldNotExpireWhileAnotherConnectionIsBusy() throws Exception {
        watch.arm();
        watch.slot("main channel").idle("section type");
        try (Loopback loopback = Loopback.open(Loopback.ANY_PORT, watch)) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        loopback.peers().writeFully(ByteBuffer.allocateDirect(4096), "page data");
                    }
                } catch (IOException e) {
                    // The test is over.
                }
            });
            watcher.start();
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONG_ENOUGH_MILLIS);
            while (System.nanoTime() < end) {
                loopback.ours().readFully(ByteBuffer.allocateDirect(4096), "page data");
            }
            assertTrue(!ended.isDone(), "expired while bytes came");
            loopback.ours().close();
            writer.join();
        }
    }

    /** Who works on what came may be what the others' peer waits for. */
    @Test
    void shouldNotExpireWhileWhatCameIsWorkedOn() {
        watch.arm();
        watch.slot("main channel").idle("section type");
        StallWatch.Slot working = watch.slot("channel=0");
        working.busy();
        watcher.start();
        assertThrows(TimeoutException.class, () -> ended.get(LONG_ENOUGH_MILLIS, TimeUnit.MILLISECONDS));
        working.worked();
        assertTrue(expiry().contains("main channel awaited=\"section type\""));
    }

    /** Else who is slowed down could go on with words for ever. */
    @Test
    void shouldExpireWhenPagesAreMissingAndThePeerIsSlowedDownNowAndThen() {
        watchIntake();
        StallWatch.Slot slot = intake.slot("main channel");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!ended.isDone() && System.nanoTime() - end < 0) {
            slot.expect("section type");
            StallWatch.Slot.Pause pause = slot.pause();
            LockSupport.parkNanos(1_000_000);
            pause.end();
            LockSupport.parkNanos(4_000_000);
            slot.progress();
        }
        String line = expiry();
        assertTrue(line.startsWith("peer must bring pages or device state"), line);
    }

    @Test
    void shouldNotCountTheTimeInWhichThePeerIsSlowedDown() {
        watchIntake();
        StallWatch.Slot slot = intake.slot("main channel");
        slot.expect("section type");
        StallWatch.Slot other = intake.slot("channel=0");
        StallWatch.Slot.Pause pause = slot.pause();
        StallWatch.Slot.Pause otherPause = other.pause();
        requireNoExpiry();
        otherPause.end();
        requireNoExpiry();
        pause.end();
        assertTrue(expiry().contains("main channel awaited=\"section type\""));
    }

    private void watchIntake() {
        intake.arm();
        intakeWatcher.start();
    }

    @Test
    void shouldEndWhenInterrupted() throws Exception {
        watcher.start();
        watcher.interrupt();
        assertEquals(null, ended.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
    }

    private String expiry() {
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> ended.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
        return failure.getCause().getMessage();
    }

    private void requireNoExpiry() {
        assertThrows(TimeoutException.class, () -> ended.get(LONG_ENOUGH_MILLIS, TimeUnit.MILLISECONDS));
    }
}
