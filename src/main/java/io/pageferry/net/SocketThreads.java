package io.pageferry.net;

import io.pageferry.supervision.Threads;
import java.io.IOException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;

/**
 * Platform threads for those who move much data over a socket, or hand it to those who do. For any thread.
 *
 * <p>A platform thread waits for its socket in the kernel, which wakes it. A virtual one is woken by a poller, a
 * virtual thread too, which another thread has to wake first: with both ends on two processors that took up to a third
 * of the throughput. On the other hand a platform thread has a stack of its own, and there may be thousands of
 * channels, most of them idle: so there are some of them, for who comes first, and virtual threads do as before for all
 * others.
 */
public final class SocketThreads {
    /**
     * More channels than this cannot be busy at the same time, at both ends, and with some of them waiting for their
     * peers.
     */
    private static final int MOST = 4 * Runtime.getRuntime().availableProcessors();

    private static final SocketThreads OF_THIS_PROCESS = new SocketThreads(MOST);

    private final Semaphore left;

    SocketThreads(int most) {
        left = new Semaphore(most);
    }

    public static SocketThreads ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    /** What there is to be done. */
    @FunctionalInterface
    public interface Work {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Does work on a platform thread, if the calling one is not, and if there is one left; comes back when it is done.
     * An interrupt of the calling thread is one of that thread, too.
     *
     * @param name of both threads
     */
    public void run(String name, Work work) throws IOException, InterruptedException {
        Thread.currentThread().setName(name);
        if (!Thread.currentThread().isVirtual() || !left.tryAcquire()) {
            work.run();
            return;
        }
        try {
            runElsewhere(name, work);
        } finally {
            left.release();
        }
    }

    private static void runElsewhere(String name, Work work) throws IOException, InterruptedException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            work.run();
            return null;
        });
        // Named from the start: Flight Recorder keeps the first name that it sees.
        Thread thread = Thread.ofPlatform().daemon().name(name).start(task);
        if (Threads.awaitEnd(thread, thread::interrupt)) {
            Thread.currentThread().interrupt();
        }
        rethrow(task);
    }

    private static void rethrow(FutureTask<Void> done) throws IOException, InterruptedException {
        if (done.state() != FutureTask.State.FAILED) {
            return;
        }
        switch (done.exceptionNow()) {
            case IOException e -> throw e;
            case InterruptedException e -> {
                // As whoever throws it: the interrupt is told by it, and by nothing else.
                boolean ignored = Thread.interrupted();
                throw e;
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}
