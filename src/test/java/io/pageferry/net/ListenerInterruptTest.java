package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.LeakFree;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However a wait for a connection ends, no connection is lost with it. */
@LeakFree
@Timeout(20)
class ListenerInterruptTest {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);
    private static final StallWatch WATCH = new StallWatch(Duration.ofSeconds(30));

    @RepeatedTest(50)
    void shouldCloseConnectionWhenItComesWithAnInterrupt() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        try (Listener listener = Listener.open(ANY_PORT, 8);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> accepting = executor.submit(acceptForEver(listener));
            Future<?> interrupting = executor.submit(() -> {
                together.await();
                return accepting.cancel(true);
            });
            together.await();
            try (SocketChannel _ = connect(listener)) {
                interrupting.get();
            }
        }
    }

    @Test
    void shouldEndAllAcceptsWhenClosed() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Listener listener = Listener.open(ANY_PORT, 8);
            Future<?> first = executor.submit(acceptForEver(listener));
            Future<?> second = executor.submit(acceptForEver(listener));
            listener.close();
            assertClosed(first);
            assertClosed(second);
        }
    }

    private static Callable<Void> acceptForEver(Listener listener) {
        return () -> {
            while (true) {
                listener.accept(WATCH, "connection").close();
            }
        };
    }

    private static void assertClosed(Future<?> accepting) {
        ExecutionException ended = assertThrows(ExecutionException.class, accepting::get);
        assertInstanceOf(ClosedChannelException.class, ended.getCause());
    }

    private static SocketChannel connect(Listener listener) throws Exception {
        return SocketChannel.open(new InetSocketAddress("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port()));
    }
}
