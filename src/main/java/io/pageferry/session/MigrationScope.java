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
                Object result = attempt(task);
                joiner.running.decrementAndGet();
                return result;
            });
        }
    }

    /** Starts a service, which runs until all tasks have ended. */
    void forkService(Callable<?> service) {
        scope.fork(() -> attempt(service));
    }

    /** Notes failures itself: once it is cancelled, a scope looks away, and all failures but the first would be lost. */
    private Object attempt(Callable<?> work) throws Exception {
        try {
            return work.call();
        } catch (Throwable e) {
            joiner.add(e);
            throw e;
        }
    }

    /**
     * Waits until all tasks have ended, or the first has failed; then interrupts whoever still runs and waits for all of them.
     *
     * @throws IOException the first failure, the others suppressed in it
     * @throws InterruptedException where the calling thread was interrupted: the migration is to be cancelled
     */
    void join() throws IOException, InterruptedException {
        scope.join();
        scope.close();
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
                return true;
            }
            return running.get() == 0;
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
