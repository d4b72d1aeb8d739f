package io.pageferry.cli;

import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells systemd that all is well, where it wants to hear that, from a thread of its own: it starts the service anew
 * that says nothing.
 */
final class Watchdog implements AutoCloseable {
    /** As systemd advises. */
    private static final int TIMES_AN_INTERVAL = 2;

    private final Thread thread;

    private Watchdog(Thread thread) {
        this.thread = thread;
    }

    /**
     * Begins.
     *
     * @param check comes back while all is well; where threads wait for each other for ever, it does too
     */
    static Watchdog start(Runnable check) {
        Thread thread = Thread.ofVirtual()
                .name("watchdog")
                .unstarted(() -> SystemdNotify.watchdogInterval().ifPresent(interval -> tell(interval, check)));
        thread.start();
        return new Watchdog(thread);
    }

    private static void tell(Duration interval, Runnable check) {
        new Loop(Place.WATCHDOG, "watchdog", () -> {
                    check.run();
                    SystemdNotify.alive();
                    LockSupport.parkNanos(interval.toNanos() / TIMES_AN_INTERVAL);
                    return !Thread.currentThread().isInterrupted();
                })
                .run();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
