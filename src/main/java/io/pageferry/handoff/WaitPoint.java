package io.pageferry.handoff;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Where one thread at a time waits for something that others bring about. A wake-up is never lost. */
final class WaitPoint {
    private volatile Thread waiter;

    /**
     * Parks the calling thread until a condition holds.
     *
     * @param ready reads with acquire what the signalling side wrote
     */
    void await(BooleanSupplier ready) throws InterruptedException {
        if (ready.getAsBoolean()) {
            return;
        }
        waiter = Thread.currentThread();
        try {
            // The volatile store above comes before the loads in the condition, and on the other side the fence puts
            // the
            // stores before the load of the waiter: one of the two always sees the other.
            while (!ready.getAsBoolean()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.park(this);
            }
        } finally {
            waiter = null;
        }
    }

    /** Wakes the waiting thread, if there is one, after the caller's stores. For any thread. */
    void signal() {
        VarHandle.fullFence();
        Thread thread = waiter;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
