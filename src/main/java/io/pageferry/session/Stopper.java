package io.pageferry.session;

/** Interrupts the thread that runs a migration, while it does and not after. For any thread. */
final class Stopper {
    /** What was asked for. */
    enum Request {
        NONE,
        CANCEL,
        YANK
    }

    private Thread runner; // guarded by this
    private Request requested = Request.NONE; // guarded by this

    /** The running thread: it can be interrupted from now on, and is at once where somebody was quicker. */
    synchronized void begin() {
        runner = Thread.currentThread();
        if (requested != Request.NONE) {
            runner.interrupt();
        }
    }

    /** The running thread: it is not interrupted any more. */
    synchronized void end() {
        runner = null;
        if (requested != Request.NONE) {
            Thread.interrupted();
        }
    }

    /** The first request is the one that counts. */
    synchronized void request(Request request) {
        if (requested == Request.NONE) {
            requested = request;
            if (runner != null) {
                runner.interrupt();
            }
        }
    }

    synchronized Request requested() {
        return requested;
    }
}
