package io.pageferry.send.postcopy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.net.StallWatch;
import io.pageferry.stream.StreamException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clock is the test's: a link and a destination that takes one piece after the other. */
@Timeout(30)
class PushWindowTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final int MANY = 10_000;

    private long now = 1;
    private final PushWindow window = new PushWindow(true, new StallWatch(Duration.ofMinutes(1)), () -> now);

    /** A piece on its way. */
    private record Piece(int ping, long doneNanos) {}

    /**
     * Pushes as much as there is room for, all the time.
     *
     * @return how long it took
     */
    private long push(int pieces, long linkNanos, long workNanos) throws Exception {
        Deque<Piece> onTheirWay = new ArrayDeque<>();
        long start = now;
        long free = now; // when the destination has done all that it has
        for (int i = 0; i < pieces || !onTheirWay.isEmpty(); ) {
            if (i < pieces && window.hasRoom()) {
                free = Math.max(free, now + linkNanos / 2) + workNanos;
                onTheirWay.add(new Piece(window.nextPing(), free + linkNanos / 2));
                i++;
            } else {
                Piece done = onTheirWay.remove();
                now = Math.max(now, done.doneNanos());
                window.answered(done.ping());
            }
        }
        return now - start;
    }

    private int room() {
        int room = 0;
        while (window.hasRoom()) {
            window.nextPing();
            room++;
        }
        return room;
    }

    @Test
    void shouldHaveTwoPiecesOnTheirWayWhereTheDestinationIsNear() throws Exception {
        long work = 130 * MICRO;
        long took = push(MANY, 0, work);
        assertEquals(MANY * work, took, "the destination is at work all the time");
        assertEquals(PushWindow.LEAST_PIECES, room());
    }

    @Test
    void shouldFillALongLink() throws Exception {
        long work = 130 * MICRO;
        long took = push(MANY, 10 * MILLI, work);
        assertTrue(took < MANY * work * 1.25, "took " + took / MILLI + " ms");
        int room = room();
        assertTrue(room >= 10 * MILLI / work && room < 1.2 * 10 * MILLI / work, "room " + room);
    }

    @Test
    void shouldHaveNoMoreOnTheirWayThanItRemembers() throws Exception {
        push(MANY, 1_000 * MILLI, MICRO);
        assertEquals(PushWindow.MOST_PIECES, room());
    }

    @Test
    void shouldGiveRoomWhenAPieceIsAnswered() throws Exception {
        int first = window.nextPing();
        window.nextPing();
        assertFalse(window.hasRoom());
        window.answered(first);
        assertTrue(window.hasRoom());
    }

    @Test
    void shouldRefuseAnswersThatAreNotNext() {
        assertEquals(
                "PONG must answer a PING, each in its turn: number=268435456 expected=none",
                refusal(PushWindow.FIRST_PING));
        window.nextPing();
        window.nextPing();
        assertEquals(
                "PONG must answer a PING, each in its turn: number=268435457 expected=268435456",
                refusal(PushWindow.FIRST_PING + 1));
    }

    private String refusal(int number) {
        return assertThrows(StreamException.class, () -> window.answered(number))
                .getMessage();
    }
}
