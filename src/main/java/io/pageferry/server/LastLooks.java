package io.pageferry.server;

import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * How many main channels may be looked at once more at a time, in all and of each host or TLS identity: who connects
 * without end must not have connections for it. For any thread.
 */
final class LastLooks {
    private static final int MOST = 256;

    private final Semaphore free = new Semaphore(MOST);
    private final RunningGuests byHolder;
    private volatile boolean ended;

    LastLooks(HostShare share) {
        this.byHolder = new RunningGuests(MOST, share);
    }

    /** Counts one in, where it may be looked at. */
    boolean enter(Set<String> holders) {
        if (ended || !free.tryAcquire()) {
            return false;
        }
        if (byHolder.enter(holders).isPresent()) {
            free.release();
            return false;
        }
        return true;
    }

    void leave(Set<String> holders) {
        byHolder.leave(holders);
        free.release();
    }

    /** Nobody is looked at from now on who is not already. */
    void end() {
        ended = true;
    }
}
