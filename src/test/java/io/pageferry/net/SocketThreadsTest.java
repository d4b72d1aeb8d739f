package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeakFree
@Timeout(30)
class SocketThreadsTest {
    private final SocketThreads threads = new SocketThreads(1);

    @Test
    void shouldWorkOnPlatformThreadOfThatNameWhenThereIsOneLeft() throws Exception {
        Thread worker = onVirtualThread(Thread::currentThread).get();
        assertFalse(worker.isVirtual());
        assertEquals("channel", worker.getName());
    }

    @Test
    void shouldWorkOnItsOwnThreadWhenNoneIsLeftAndOnAnotherOnceOneIs() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Void> busy = new CompletableFuture<>();
        CompletableFuture<Thread> first = onVirtualThread(() -> {
            busy.complete(null);
            over.await();
            return Thread.currentThread();
        });
        busy.join();
        assertEquals(true, onVirtualThread(Thread::currentThread).get().isVirtual());
        over.countDown();
        assertFalse(first.get().isVirtual());
        assertFalse(onVirtualThread(Thread::currentThread).get().isVirtual());
    }

    @Test
    void shouldWorkOnTheCallingThreadWhenThatIsPlatformThread() throws Exception {
        String name = Thread.currentThread().getName();
        try {
            Thread caller = Thread.currentThread();
            threads.run("channel", () -> assertSame(caller, Thread.currentThread()));
            assertEquals("channel", caller.getName());
        } finally {
            Thread.currentThread().setName(name);
        }
    }

    @Test
    void shouldThrowWhatTheWorkThrowsAndHaveAThreadLeft() throws Exception {
        IOException failure = new IOException("as a peer's end");
        CompletableFuture<Thread> work = onVirtualThread(() -> {
            throw failure;
        });
        assertSame(failure, assertThrows(ExecutionException.class, work::get).getCause());
        assertFalse(onVirtualThread(Thread::currentThread).get().isVirtual());
    }

    @Test
    void shouldCutTheWorkLooseWhenTheCallingThreadIsInterrupted() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(null);
                SocketChannel socket = SocketChannel.open(listener.getLocalAddress())) {
            CompletableFuture<Thread> worker = new CompletableFuture<>();
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread caller = Thread.ofVirtual().start(() -> {
                try {
                    threads.run("channel", () -> {
                        worker.complete(Thread.currentThread());
                        socket.read(ByteBuffer.allocate(1));
                    });
                    outcome.complete(null);
                } catch (Throwable e) {
                    outcome.complete(e);
                }
            });
            worker.join();
            caller.interrupt();
            assertInstanceOf(ClosedByInterruptException.class, outcome.get());
            caller.join();
            assertEquals(Thread.State.TERMINATED, worker.join().getState());
        }
    }

    private interface Question {
        Thread answer() throws IOException, InterruptedException;
    }

    private CompletableFuture<Thread> onVirtualThread(Question question) {
        CompletableFuture<Thread> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            Thread[] worker = new Thread[1];
            try {
                threads.run("channel", () -> worker[0] = question.answer());
                answer.complete(worker[0]);
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }
}
