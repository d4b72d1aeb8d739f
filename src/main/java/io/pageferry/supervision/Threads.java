package io.pageferry.supervision;

/** Waiting for threads to end. For any thread. */
public final class Threads {
    private static final Runnable NOTHING = () -> {};

    private Threads() {}

    /** Waits for a thread's end, also where the calling one is interrupted, which it stays. */
    public static void joinUninterruptibly(Thread thread) {
        if (awaitEnd(thread, NOTHING)) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for a thread's end, also where the calling one is interrupted.
     *
     * @param whenInterrupted what to do at each interrupt meanwhile
     * @return whether the calling thread was interrupted; it is not any more, so that it can go on with what an
     *     interrupt would end
     */
    public static boolean awaitEnd(Thread thread, Runnable whenInterrupted) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
                whenInterrupted.run();
            }
        }
    }

    /** Waits for a thread's end, unless the calling one is interrupted, which it stays. */
    public static void joinUnlessInterrupted(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ends without being waited for
        }
    }
}
