package io.pageferry.session;

import static io.pageferry.session.ScopeTasks.NEVER_ENDS;
import static io.pageferry.session.ScopeTasks.fail;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The step from which on it is too late to cancel. */
@LeakFree
@Timeout(30)
class MigrationScopeSettleTest {
    /** What a migration that is being settled is to be stopped by: it can be until the step has been taken. */
    @Test
    void shouldCancelWhenInterruptedInTheStepThatSettles() throws Exception {
        CompletableFuture<Boolean> settled = new CompletableFuture<>();
        Throwable failure = interruptWhenParked(
                scope -> scope.settle(() -> new CountDownLatch(1).await()),
                scope -> settled.complete(scope.isSettled()));
        assertTrue(failure instanceof InterruptedException, () -> String.valueOf(failure));
        assertFalse(settled.get());
    }

    @Test
    void shouldEndWellAndKeepTheInterruptWhenTheStepIsTakenAllTheSame() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicBoolean stillInterrupted = new AtomicBoolean(true);
        AtomicBoolean kept = new AtomicBoolean();
        Throwable failure = interruptWhenParked(
                scope -> {
                    scope.settle(() -> {
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt(); // as who has done it already, and was interrupted late
                            interrupted.countDown();
                        }
                    });
                    stillInterrupted.set(Thread.currentThread().isInterrupted());
                },
                scope -> kept.set(scope.isSettled() && Thread.interrupted()));
        assertEquals(null, failure);
        assertEquals(0, interrupted.getCount());
        assertFalse(stillInterrupted.get());
        assertTrue(kept.get());
    }

    @Test
    void shouldNotInterruptAnybodyWhenItIsSettled() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> result = new CompletableFuture<>();
        CountDownLatch settled = new CountDownLatch(1);
        Thread runner = Thread.ofVirtual().start(() -> {
            try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
                scope.fork(List.of(() -> {
                    scope.settle(() -> {});
                    settled.countDown();
                    goOn.await();
                    done.set(true);
                    return null;
                }));
                scope.join();
                result.complete(null);
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        settled.await();
        runner.interrupt();
        Threads.awaitParked(runner);
        goOn.countDown();
        result.get();
        assertTrue(done.get());
    }

    @Test
    void shouldNotTakeTheStepWhenItHasFailed() {
        AtomicBoolean taken = new AtomicBoolean();
        IOException first = new IOException("first");
        assertSame(first, assertThrows(IOException.class, () -> {
            try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
                Callable<?> late = () -> {
                    try {
                        return NEVER_ENDS.call();
                    } catch (InterruptedException e) {
                        scope.settle(() -> taken.set(true));
                        return null;
                    }
                };
                scope.fork(List.of(late, () -> fail(first)));
                scope.join();
            }
        }));
        assertFalse(taken.get());
    }

    @Test
    void shouldThrowTheFailureOfTheStep() {
        IOException failure = new IOException("disk full");
        assertSame(failure, assertThrows(IOException.class, () -> {
            try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
                scope.fork(List.of(() -> {
                    scope.settle(() -> {
                        throw failure;
                    });
                    return null;
                }));
                scope.join();
            }
        }));
    }

    /** A service that only comes along finds nothing any more that counts; who has the deadlines does. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHeedOfAllServicesTheWatchOnlyWhenItIsSettled(boolean watch) throws Exception {
        CountDownLatch settled = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);
        IOException late = new IOException("late");
        Callable<?> service = () -> {
            settled.await();
            failed.countDown();
            return fail(late);
        };
        try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
            if (watch) {
                scope.forkWatch(service);
            } else {
                scope.forkService(service);
            }
            scope.fork(List.of(() -> {
                scope.settle(settled::countDown);
                failed.await();
                return watch ? NEVER_ENDS.call() : null;
            }));
            if (watch) {
                assertSame(late, assertThrows(IOException.class, scope::join));
            } else {
                scope.join();
            }
        }
    }

    /**
     * Nobody sees to deadlines any more when the watch has failed: who waits for a peer then must not do so for ever.
     */
    @Test
    void shouldInterruptTheTaskThatSettlesWhenTheWatchFailsMeanwhile() throws Exception {
        CountDownLatch settling = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        IOException late = new IOException("late");
        try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
            scope.forkWatch(() -> {
                settling.await();
                return fail(late);
            });
            scope.fork(List.of(() -> {
                scope.settle(() -> {
                    settling.countDown();
                    awaitInterrupt();
                });
                try {
                    return new CountDownLatch(1).await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    interrupted.set(true);
                    throw e;
                }
            }));
            assertSame(late, assertThrows(IOException.class, scope::join));
        }
        assertTrue(interrupted.get());
    }

    /** The step comes to its end all the same. */
    private static void awaitInterrupt() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!Thread.currentThread().isInterrupted() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private interface Use {
        void of(MigrationScope scope) throws Exception;
    }

    /** Runs a task, interrupts who has started it when the task waits, and gives the scope to have a last look at. */
    private static Throwable interruptWhenParked(Use task, Use afterwards) throws Exception {
        CompletableFuture<Thread> running = new CompletableFuture<>();
        CompletableFuture<Throwable> result = new CompletableFuture<>();
        Thread runner = Thread.ofVirtual().start(() -> {
            MigrationScope scope = new MigrationScope("test", new MigrationThreads());
            Throwable failure = null;
            try (scope) {
                scope.fork(List.of(() -> {
                    running.complete(Thread.currentThread());
                    task.of(scope);
                    return null;
                }));
                scope.join();
            } catch (Throwable e) {
                failure = e;
            }
            try {
                afterwards.of(scope);
                result.complete(failure);
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        Threads.awaitParked(running.get());
        Threads.awaitParked(runner);
        runner.interrupt();
        return result.get();
    }
}
