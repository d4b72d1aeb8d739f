package io.pageferry.hostile;

import io.pageferry.hostile.FaultyDestination.Trouble;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Holds up the first thread that comes, as a disk can, until that is interrupted or told to fail; all others pass. */
final class Hold implements Trouble {
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch failing = new CountDownLatch(1);
    private volatile RuntimeException fault;

    @Override
    public void come() throws ClosedByInterruptException {
        try {
            pass();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException(); // as a file does that somebody was held up in
        }
    }

    /** The same where no file is. */
    void pass() throws InterruptedException {
        if (taken.compareAndSet(false, true)) {
            reached.countDown();
            failing.await();
            throw fault;
        }
    }

    boolean isReached() {
        return reached.getCount() == 0;
    }

    /** Lets who is held go on, but not well. */
    void fail(RuntimeException with) {
        fault = with;
        failing.countDown();
    }
}
