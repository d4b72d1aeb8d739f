package io.pageferry.supervision;

import io.pageferry.supervision.Faults.Place;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * What a thread does for as long as its owner lives: turns, one after another. A turn that meets a fault is noted, and
 * after a pause the next one follows. Where {@value #MAX_FAILED_IN_A_ROW} of them fail in a row the thread is there and
 * does nothing, which is the {@linkplain UncaughtFaults process's end}. Ended by interrupt, or by its last turn.
 */
public final class Loop implements Runnable {
    /**
     * With the pauses, ten seconds: what others hold of what is missing, memory say, they may have let go of by then.
     */
    static final int MAX_FAILED_IN_A_ROW = 100;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** One of the loop's turns. */
    @FunctionalInterface
    public interface Turn {
        /**
         * Waits for something to do, and does it.
         *
         * @return false where it was the last one
         */
        boolean take() throws Exception;
    }

    private final Place place;
    private final String what;
    private final Turn turn;
    private final long pauseNanos;
    private final BiConsumer<String, Throwable> lastResort;

    /**
     * Makes a loop for a thread of one's own.
     *
     * @param what it is, for the log
     */
    public Loop(Place place, String what, Turn turn) {
        this(place, what, turn, PAUSE_NANOS, UncaughtFaults::end);
    }

    Loop(Place place, String what, Turn turn, long pauseNanos, BiConsumer<String, Throwable> lastResort) {
        this.place = place;
        this.what = what;
        this.turn = turn;
        this.pauseNanos = pauseNanos;
        this.lastResort = lastResort;
    }

    /** Starts a virtual thread, whose name is what the loop is. */
    public static Thread start(Place place, String what, Turn turn) {
        return Thread.ofVirtual().name(what).start(new Loop(place, what, turn));
    }

    @Override
    public void run() {
        int failed = 0;
        while (true) {
            try {
                if (!turn.take()) {
                    return;
                }
                failed = 0;
            } catch (InterruptedException e) {
                return;
            } catch (Throwable fault) {
                Faults.note(place, what, fault);
                if (++failed == MAX_FAILED_IN_A_ROW) {
                    lastResort.accept(what, fault);
                    return;
                }
                LockSupport.parkNanos(this, pauseNanos);
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
            }
        }
    }
}
