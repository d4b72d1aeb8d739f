package io.pageferry.session;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of one migration. Used by the thread that runs the migration: it forks, joins, and closes.
 *
 * <p>There are tasks that do the work, and services that only accompany it, such as the watch over deadlines. The scope
 * is done when all tasks are, and with the first failure of either kind; then everybody who still runs is interrupted.
 *
 * <p>One task may {@linkplain #settle settle} the migration: from then on it is not to be cancelled any more, and what
 * services find does not count.
 */
final class MigrationScope implements AutoCloseable {
    private final FirstFailure joiner = new FirstFailure();
    private final MigrationThreads threads;
    private final StructuredTaskScope<Object, Void> scope;

    /**
     * Opens a scope.
     *
     * @param threads lists those that run tasks
     */
    MigrationScope(String name, MigrationThreads threads) {
        this.threads = threads;
        scope = StructuredTaskScope.open(joiner, configuration -> configuration.withName(name));
    }

    /** Starts all tasks, each on a virtual thread of its own. Called once: all are known before the first can end. */
    void fork(List<Callable<?>> tasks) {
        joiner.running.set(tasks.size());
        for (Callable<?> task : tasks) {
            scope.fork(threads.listed(() -> {
                Object result = attempt(task);
                joiner.running.decrementAndGet();
                return result;
            }));
        }
    }

    /**
     * Starts a service, which runs until all tasks have ended. Its failure counts until the migration is about to be
     * settled.
     */
    void forkService(Callable<?> service) {
        scope.fork(() -> {
            try {
                return service.call();
            } catch (Throwable e) {
                if (joiner.addOfService(e)) {
                    throw e;
                }
                return null;
            }
        });
    }

    /** Starts the service whose failure always counts: it has the deadlines of the tasks. */
    void forkWatch(Callable<?> watch) {
        scope.fork(() -> attempt(watch));
    }

    /**
     * Notes failures itself: once it is cancelled, a scope looks away, and all failures but the first would be lost.
     */
    private Object attempt(Callable<?> work) throws Exception {
        try {
            return work.call();
        } catch (Throwable e) {
            joiner.add(e);
            throw e;
        }
    }

    /** What settles a migration. */
    @FunctionalInterface
    interface Step {
        void take() throws IOException, InterruptedException;
    }

    /**
     * A task, once: takes the step that cannot be undone. It is not begun where the migration has failed or is to be
     * cancelled already. To cancel it meanwhile interrupts the step; if it comes to its end all the same, it is too
     * late, and the thread is not interrupted any more, but for a failure.
     *
     * @throws InterruptedException where it is not begun
     */
    void settle(Step step) throws IOException, InterruptedException {
        joiner.beginStep();
        boolean taken = false;
        try {
            step.take();
            taken = true;
        } finally {
            joiner.endStep(taken);
        }
    }

    /** Whether the migration is settled. For any thread. */
    boolean isSettled() {
        return joiner.isSettled();
    }

    /**
     * Waits until all tasks have ended, or the first has failed; then interrupts whoever still runs and waits for all
     * of them. An interrupt that comes too late, as the migration is settled, is kept for whatever the thread waits for
     * next.
     *
     * @throws IOException the first failure, the others suppressed in it
     * @throws InterruptedException where the calling thread was interrupted: the migration is to be cancelled
     */
    void join() throws IOException, InterruptedException {
        boolean interrupted = false;
        while (true) {
            try {
                joiner.ended.await();
                break;
            } catch (InterruptedException e) {
                if (joiner.cancel()) {
                    throw e;
                }
                interrupted = true;
            }
        }
        end(interrupted);
    }

    /** The same for what is not to be cancelled. */
    void joinUninterruptibly() throws IOException, InterruptedException {
        boolean interrupted = false;
        while (true) {
            try {
                joiner.ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        end(interrupted);
    }

    private void end(boolean interruptedBefore) throws IOException, InterruptedException {
        boolean interrupted = interruptedBefore;
        try {
            scope.join();
        } catch (InterruptedException e) {
            interrupted = true; // a moment ago, and too late: nobody runs any more but to end
        } finally {
            scope.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        joiner.throwFailure();
    }

    /** Interrupts whoever still runs and waits for all of them. */
    @Override
    public void close() {
        scope.close();
    }

    /** How far a migration is. */
    private enum Stage {
        /** It may end in any way. */
        OPEN,
        /** The step is taken right now that settles it. */
        STEP,
        /** It can only complete, as far as it is up to us. */
        SETTLED,
        /** It will not be settled any more. */
        CANCELLED
    }

    private static final class FirstFailure implements Joiner<Object, Void> {
        private final AtomicInteger running = new AtomicInteger(Integer.MAX_VALUE);
        private final CountDownLatch ended = new CountDownLatch(1);
        private Throwable failure; // guarded by this
        private Stage stage = Stage.OPEN; // guarded by this
        private Thread stepper; // guarded by this: who takes the step, while it does

        @Override
        public boolean onComplete(Subtask<?> subtask) {
            boolean failed = subtask.state() == Subtask.State.FAILED;
            if (failed) {
                addIfNone(subtask.exception());
            }
            boolean done = failed || running.get() == 0;
            if (done) {
                ended.countDown();
            }
            return done;
        }

        synchronized void beginStep() throws InterruptedException {
            if (stage == Stage.CANCELLED || failure != null) {
                throw new InterruptedException();
            }
            stage = Stage.STEP;
            stepper = Thread.currentThread();
        }

        synchronized void endStep(boolean taken) {
            stepper = null;
            stage = taken ? Stage.SETTLED : Stage.CANCELLED;
            if (taken && failure == null) {
                // Who has cancelled it was too late. A failure has ended the watch, too: whoever goes on to wait for a
                // peer would do so for ever, were the scope's own interrupt lost.
                boolean ignored = Thread.interrupted();
            }
        }

        synchronized boolean isSettled() {
            return stage == Stage.SETTLED;
        }

        /** Says whether everybody is to be interrupted; if not, the step has been, or it is too late. */
        synchronized boolean cancel() {
            if (stage == Stage.OPEN || stage == Stage.CANCELLED) {
                stage = Stage.CANCELLED;
                return true;
            }
            if (stepper != null) {
                stepper.interrupt();
            }
            return false;
        }

        /** Says whether it counts. */
        synchronized boolean addOfService(Throwable next) {
            boolean counts = stage == Stage.OPEN || stage == Stage.CANCELLED;
            if (counts) {
                add(next);
            }
            return counts;
        }

        @Override
        public Void result() {
            return null;
        }

        synchronized void add(Throwable next) {
            if (running.get() == 0) {
                return; // all is done; services end by interrupt
            }
            if (failure == null) {
                failure = next;
            } else if (isEcho(failure) && !isEcho(next)) {
                failure = next;
            } else if (!isEcho(next) && next != failure) { // what a peer has said may be the failure of several tasks
                failure.addSuppressed(next);
            }
        }

        /** That of a task which could not even say so itself. A scope that is done by a failure must have one. */
        private synchronized void addIfNone(Throwable last) {
            if (failure == null && running.get() != 0) {
                failure = last;
            }
        }

        /**
         * What threads that were interrupted, or whose channel was closed under them, die of: not a failure of their
         * own.
         */
        private static boolean isEcho(Throwable failure) {
            return failure instanceof InterruptedException || failure instanceof ClosedChannelException;
        }

        synchronized void throwFailure() throws IOException, InterruptedException {
            switch (failure) {
                case null -> {}
                case IOException e -> throw e;
                case InterruptedException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(failure);
            }
        }
    }
}
