package io.pageferry.session;

import static io.pageferry.session.ScopeTasks.NEVER_ENDS;
import static io.pageferry.session.ScopeTasks.fail;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a scope ends, and whose failure is reported. */
@LeakFree
@Timeout(30)
class MigrationScopeTest {
    private final CountDownLatch failing = new CountDownLatch(1);

    @Test
    void shouldWaitForAllTasks() throws Exception {
        AtomicInteger done = new AtomicInteger();
        run(List.of(), Collections.nCopies(5, done::incrementAndGet));
        assertEquals(5, done.get());
    }

    @Test
    void shouldEndServicesWhenAllTasksHaveEnded() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        Callable<?> service = () -> {
            try {
                return NEVER_ENDS.call();
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
            }
        };
        run(List.of(service), List.of(() -> null));
        assertTrue(interrupted.get());
    }

    @Test
    void shouldNotEndWhenAServiceDoes() throws Exception {
        CountDownLatch serviceEnded = new CountDownLatch(1);
        AtomicBoolean worked = new AtomicBoolean();
        Callable<?> service = () -> {
            serviceEnded.countDown();
            return null;
        };
        run(List.of(service), List.of(() -> {
            serviceEnded.await();
            worked.set(true);
            return null;
        }));
        assertTrue(worked.get());
    }

    @Test
    void shouldThrowTheVeryFailureOfATask() {
        IOException failure = new IOException("no");
        assertSame(failure, failureOf(List.of(), List.of(NEVER_ENDS, () -> fail(failure), NEVER_ENDS)));
    }

    @Test
    void shouldThrowTheFailureOfAService() {
        IOException failure = new IOException("no");
        assertSame(failure, failureOf(List.of(() -> fail(failure)), List.of(NEVER_ENDS)));
    }

    @Test
    void shouldThrowFaultsAsTheyAre() {
        RuntimeException fault = new IllegalStateException("bug");
        assertSame(fault, failureOf(List.of(), List.of(() -> fail(fault))));
        Error error = new AssertionError("worse");
        assertSame(error, failureOf(List.of(), List.of(() -> {
            throw error;
        })));
    }

    @Test
    void shouldSayWhatItWasWhenFailureIsOfAKindThatNobodyThrows() {
        Exception odd = new Exception("odd");
        assertSame(odd, failureOf(List.of(), List.of(() -> fail(odd))).getCause());
    }

    @Test
    void shouldInterruptAllOthersWhenOneFails() {
        AtomicInteger interrupted = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(4);
        Callable<?> waiting = () -> {
            started.countDown();
            try {
                return NEVER_ENDS.call();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
                throw e;
            }
        };
        Callable<?> failingTask = () -> {
            started.await();
            return fail(new IOException("no"));
        };
        failureOf(List.of(waiting), List.of(waiting, waiting, waiting, failingTask));
        assertEquals(4, interrupted.get());
    }

    /** Who failed later, by its own fault and not because it was cut loose, is told of too. */
    @Test
    void shouldSuppressLaterFailuresInTheFirst() {
        IOException first = new IOException("first");
        IOException later = new IOException("later");
        Callable<?> second = () -> {
            try {
                return NEVER_ENDS.call();
            } catch (InterruptedException e) {
                throw later;
            }
        };
        assertSame(first, failureOf(List.of(), List.of(second, () -> fail(first))));
        assertArrayEquals(new Throwable[] {later}, first.getSuppressed());
    }

    /** What comes of being interrupted says nothing. */
    @Test
    void shouldNotMentionWhoWasOnlyCutLoose() {
        IOException first = new IOException("first");
        Callable<?> stuck = () -> {
            try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
                failing.countDown();
                return socket.accept();
            }
        };
        Callable<?> failingTask = () -> {
            failing.await();
            return fail(first);
        };
        assertSame(first, failureOf(List.of(NEVER_ENDS), List.of(stuck, NEVER_ENDS, failingTask)));
        assertArrayEquals(new Throwable[0], first.getSuppressed());
    }

    @Test
    void shouldPreferTheFailureToItsEcho() {
        IOException failure = new IOException("the real one");
        // The echo is first: both run on after it, as threads do that are just about to see that they are interrupted.
        Callable<?> echoing = () -> fail(new ClosedChannelException());
        Callable<?> failingTask = () -> {
            try {
                return NEVER_ENDS.call();
            } catch (InterruptedException e) {
                throw failure;
            }
        };
        assertSame(failure, failureOf(List.of(), List.of(failingTask, echoing)));
    }

    @Test
    void shouldThrowTheEchoWhenThereIsNothingElse() {
        Throwable echo = failureOf(List.of(), List.of(() -> fail(new ClosedByInterruptException()), NEVER_ENDS));
        assertTrue(echo instanceof ClosedByInterruptException, () -> echo.toString());
    }

    @Test
    void shouldCutLooseWhoIsStuckInAConnection() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel silent = listener.accept()) {
            Callable<?> reading = () -> {
                failing.countDown();
                return silent.read(ByteBuffer.allocate(1));
            };
            Callable<?> failingTask = () -> {
                failing.await();
                return fail(new IOException("no"));
            };
            assertEquals(
                    "no", failureOf(List.of(), List.of(reading, failingTask)).getMessage());
            assertFalse(silent.isOpen());
            assertTrue(client.isOpen());
        }
    }

    @Test
    void shouldCancelAndJoinAllWhenItsThreadIsInterrupted() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        Callable<?> task = () -> {
            try {
                return NEVER_ENDS.call();
            } finally {
                ended.incrementAndGet();
            }
        };
        CompletableFuture<Void> result = new CompletableFuture<>();
        Thread runner = Thread.ofVirtual().start(() -> {
            try {
                run(List.of(task), List.of(task, task));
                result.complete(null);
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        Threads.awaitParked(runner);
        runner.interrupt();
        Throwable failure = assertThrows(ExecutionException.class, result::get).getCause();
        assertTrue(failure instanceof InterruptedException, () -> failure.toString());
        assertEquals(3, ended.get());
    }

    @Test
    void shouldKeepTheInterruptForLaterWhenItIsNotToBeCancelled() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        Callable<?> task = () -> {
            interrupted.await();
            done.set(true);
            return null;
        };
        CompletableFuture<Boolean> keptInterrupt = new CompletableFuture<>();
        Thread runner = Thread.ofVirtual().start(() -> {
            try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
                scope.fork(List.of(task));
                scope.joinUninterruptibly();
                keptInterrupt.complete(Thread.interrupted());
            } catch (Throwable e) {
                keptInterrupt.completeExceptionally(e);
            }
        });
        Threads.awaitParked(runner);
        runner.interrupt();
        interrupted.countDown();
        assertTrue(keptInterrupt.get());
        assertTrue(done.get());
    }

    @Test
    void shouldThrowTheFailureWhenItIsNotToBeCancelled() {
        IOException failure = new IOException("no");
        assertSame(failure, assertThrows(IOException.class, () -> {
            try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
                scope.forkService(() -> fail(failure));
                scope.fork(List.of(NEVER_ENDS));
                scope.joinUninterruptibly();
            }
        }));
    }

    @Test
    void shouldWaitForWhoTakesLongToEndWhenOneFails() {
        AtomicBoolean tidied = new AtomicBoolean();
        Callable<?> slow = () -> {
            try {
                return NEVER_ENDS.call();
            } finally {
                for (int i = 0; i < 1000; i++) {
                    Thread.yield();
                }
                tidied.set(true);
            }
        };
        failureOf(List.of(), List.of(slow, () -> fail(new IOException("no"))));
        assertTrue(tidied.get());
    }

    private static void run(List<Callable<?>> services, List<? extends Callable<?>> tasks)
            throws IOException, InterruptedException {
        try (MigrationScope scope = new MigrationScope("test", new MigrationThreads())) {
            services.forEach(scope::forkService);
            scope.fork(List.copyOf(tasks));
            scope.join();
        }
    }

    private static Throwable failureOf(List<Callable<?>> services, List<Callable<?>> tasks) {
        return assertThrows(Throwable.class, () -> run(services, tasks));
    }
}
