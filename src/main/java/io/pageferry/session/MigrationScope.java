package io.pageferry.session;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of one migration. Used by the thread that runs the migration: it forks, joins, and closes.
 *
 * <p>There are tasks that do the work, and services that only accompany it, such as the watch over deadlines. The scope is done when all tasks are, and
 * with the first failure of either kind; then everybody who still runs is interrupted.
 */
final class MigrationScope implements AutoCloseable {
    private final FirstFailure joiner = new FirstFailure();
    private final StructuredTaskScope<Object, Void> scope;

    MigrationScope(String name) {
        scope = StructuredTaskScope.open(joiner, configuration -> configuration.withName(name));
    }

    /** Starts all tasks, each on a virtual thread of its own. Called once: all are known before the first can end. */
    void fork(List<Callable<?>> tasks) {
        joiner.running.set(tasks.size());
        for (Callable<?> task : tasks) {
            scope.fork(() -> {
                Object result = task.call();
                joiner.running.decrementAndGet();
                return result;
            });
        }
    }

    /** Starts a service, which runs until all tasks have ended. */
    void forkService(Callable<?> service) {
        scope.fork(service::call);
    }

    /**
     * Waits until all tasks have ended, or the first has failed.
     *
     * @throws IOException the first failure, the others suppressed in it
     * @throws InterruptedException where the calling thread was interrupted: the migration is to be cancelled
     */
    void join() throws IOException, InterruptedException {
        scope.join();
        joiner.throwFailure();
    }

    /** Interrupts whoever still runs and waits for all of them. */
    @Override
    public void close() {
        scope.close();
    }

    private static final class FirstFailure implements Joiner<Object, Void> {
        private final AtomicInteger running = new AtomicInteger(Integer.MAX_VALUE);
        private Throwable failure; // guarded by this

        @Override
        public boolean onComplete(Subtask<?> subtask) {
            if (subtask.state() == Subtask.State.FAILED) {
                add(subtask.exception());
                return true;
            }
            return running.get() == 0;
        }

        @Override
        public Void result() {
            return null;
        }

        private synchronized void add(Throwable next) {
            if (failure == null) {
                failure = next;
            } else if (isEcho(failure) && !isEcho(next)) {
                failure = next;
            } else if (!isEcho(next) && next != failure) { // what a peer has said may be the failure of several tasks
                failure.addSuppressed(next);
            }
        }

        /** What threads that were interrupted, or whose channel was closed under them, die of: not a failure of their own. */
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
