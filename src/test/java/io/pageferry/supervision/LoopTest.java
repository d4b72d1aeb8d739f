package io.pageferry.supervision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.supervision.Faults.Place;
import io.pageferry.testing.LeakFree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads that serve others, in which all sorts of things are thrown. */
@LeakFree
@Timeout(30)
class LoopTest {
    private static final long SHORT_NANOS = 1_000;

    private final List<String> ends = new ArrayList<>();
    private int turns;

    static Stream<Throwable> faults() {
        return Stream.of(
                new OutOfMemoryError("injected"),
                new StackOverflowError("injected"),
                new NoClassDefFoundError("injected"),
                new IllegalStateException("injected"),
                new Exception("injected"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void shouldGoOnWhenATurnFails(Throwable fault) {
        long before = Faults.count(Place.ACCEPT);
        loop(() -> {
            if (++turns % 2 == 0) {
                if (fault instanceof Error error) {
                    throw error;
                }
                throw (Exception) fault;
            }
            return turns < 1_001;
        });
        assertEquals(1_001, turns);
        assertEquals(500, Faults.count(Place.ACCEPT) - before);
        assertEquals(List.of(), ends);
    }

    @Test
    void shouldBeTheEndOfTheProcessWhenNoTurnSucceedsAnyMore() {
        loop(() -> {
            turns++;
            throw new OutOfMemoryError("injected");
        });
        assertEquals(Loop.MAX_FAILED_IN_A_ROW, turns);
        assertEquals(List.of("loop: java.lang.OutOfMemoryError: injected"), ends);
    }

    @Test
    void shouldEndWhenItIsInterruptedWhileATurnFails() {
        loop(() -> {
            turns++;
            Thread.currentThread().interrupt();
            throw new OutOfMemoryError("injected");
        });
        assertTrue(Thread.interrupted());
        assertEquals(1, turns);
        assertEquals(List.of(), ends);
    }

    @Test
    void shouldEndWhenItIsInterruptedWhileItWaits() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        Thread thread = Loop.start(Place.ACCEPT, "loop", () -> {
            waits.countDown();
            new CountDownLatch(1).await();
            return true;
        });
        assertTrue(waits.await(20, TimeUnit.SECONDS));
        thread.interrupt();
        assertTrue(thread.join(Duration.ofSeconds(20)));
    }

    @Test
    void shouldKeepAnInterruptWhenWorkIsContained() {
        assertFalse(Faults.contain(Place.ACCEPT, "work", () -> {
            throw new InterruptedException();
        }));
        assertTrue(Thread.interrupted());
    }

    /** As where the log's own line does not fit into memory any more. */
    @Test
    void shouldCountAFaultWhenItCannotEvenBeSaid() {
        long before = Faults.count(Place.ACCEPT);
        Throwable unspeakable = new Error() {
            private static final long serialVersionUID = 1L;

            @Override
            public String toString() {
                throw new OutOfMemoryError("injected");
            }
        };
        assertFalse(Faults.contain(Place.ACCEPT, "work", () -> {
            throw new IllegalStateException(unspeakable);
        }));
        Faults.note(Place.ACCEPT, "work", unspeakable);
        assertEquals(2, Faults.count(Place.ACCEPT) - before);
    }

    private void loop(Loop.Turn turn) {
        new Loop(Place.ACCEPT, "loop", turn, SHORT_NANOS, (what, fault) -> ends.add(what + ": " + fault)).run();
    }
}
