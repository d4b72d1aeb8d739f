package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real sockets, whose peer takes little or nothing of what is written: a slow one lives, one that stops has stalled.
 */
@LeakFree
@Timeout(60)
class DeliveryTest {
    private static final Duration TIMEOUT = Duration.ofMillis(800);
    private static final long DEADLINE_SECONDS = 20;

    /** Many times what both kernels keep. */
    private static final int BYTES = 64 << 20;

    /** What the peer's kernel keeps: it says that there is room again when that is a good part of it. */
    private static final int RECEIVE_BUFFER_BYTES = 32 * 1024;

    private static final int PIECES = 3;

    /** Of what a UNIX socket keeps, it is known when so much has been read, and not before. */
    private static final int PIECE_OF_UNIX_BYTES = 48 * 1024;

    private final StallWatch watch = StallWatch.forSending(TIMEOUT);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread watcher = Thread.ofVirtual().unstarted(() -> {
        try {
            ended.complete(watch.watch());
        } catch (NetException e) {
            ended.completeExceptionally(e);
        }
    });

    @TempDir
    Path folder;

    /** Where the peer is. */
    private enum Kind {
        TCP,
        UNIX
    }

    /** A connection of ours, and the socket of a peer that does as it likes. */
    private record Line(Connection ours, SocketChannel peer) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            ours.close();
            peer.close();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        watcher.interrupt();
        if (watcher.getState() != Thread.State.NEW) {
            watcher.join();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldStallWhenThePeerStopsToRead(Kind kind) throws Exception {
        try (Line line = connect(kind)) {
            Thread writer = writing(line.ours());
            readBytes(line.peer(), 1 << 20);
            long stopped = System.nanoTime();
            String failure = expiry();
            assertTrue(failure.startsWith("peer must not be silent for longer than stall-timeout: peer"), failure);
            assertTrue(System.nanoTime() - stopped > TIMEOUT.toNanos() / 2, "not at once");
            line.ours().close();
            writer.join();
        }
    }

    /** The whole write takes many times the timeout, in which nothing else happens. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldNotStallWhileThePeerReadsALittleNowAndThen(Kind kind) throws Exception {
        try (Line line = connect(kind)) {
            Thread writer = writing(line.ours());
            long end = System.nanoTime() + 4 * TIMEOUT.toNanos();
            while (System.nanoTime() - end < 0) {
                readBytes(line.peer(), RECEIVE_BUFFER_BYTES);
                assertThrows(TimeoutException.class, () -> ended.get(TIMEOUT.toMillis() / 3, TimeUnit.MILLISECONDS));
            }
            assertTrue(expiry().startsWith("peer must not be silent"), "once it stops");
            line.ours().close();
            writer.join();
        }
    }

    /** All has been written, and an answer is waited for; the peer's kernel has not even taken it yet. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldNotStallWhileAnAnswerIsAwaitedOfAPeerThatStillReads(Kind kind) throws Exception {
        try (Line line = connect(kind)) {
            line.ours().writeFully(ByteBuffer.allocateDirect(kept(kind)), "pages");
            watch.arm();
            watcher.start();
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    line.ours().readFully(ByteBuffer.allocateDirect(1), "answer");
                } catch (IOException e) {
                    // The test is over.
                }
            });
            for (int i = 0; i < PIECES; i++) {
                readBytes(line.peer(), kept(kind) / PIECES);
                assertThrows(TimeoutException.class, () -> ended.get(TIMEOUT.toMillis() / 2, TimeUnit.MILLISECONDS));
            }
            assertTrue(expiry().contains("awaited=\"answer\""));
            line.ours().close();
            reader.join();
        }
    }

    /** As much as the two kernels keep, so that writing it needs no reader. */
    private static int kept(Kind kind) {
        return PIECES * (kind == Kind.TCP ? 64 * 1024 : PIECE_OF_UNIX_BYTES);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldBePendingUntilThePeerHasTakenIt(Kind kind) throws Exception {
        try (Line line = connect(kind)) {
            assertFalse(line.ours().delivery().isPending());
            line.ours().writeFully(ByteBuffer.allocateDirect(kept(kind)), "pages");
            Delivery before = line.ours().delivery();
            assertTrue(before.isPending());
            readBytes(line.peer(), kept(kind));
            Delivery after = line.ours().delivery();
            while (after.isPending()) { // what the peer's kernel says comes a moment later
                Thread.onSpinWait();
                after = line.ours().delivery();
            }
            assertTrue(after.mark() != before.mark());
        }
    }

    private Thread writing(Connection ours) {
        watch.arm();
        watcher.start();
        return Thread.ofPlatform().start(() -> {
            try {
                ours.writeFully(ByteBuffer.allocateDirect(BYTES), "pages");
            } catch (IOException e) {
                // The test is over.
            }
        });
    }

    private static void readBytes(SocketChannel peer, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(count);
        while (bytes.hasRemaining()) {
            assertTrue(peer.read(bytes) > 0);
        }
    }

    private String expiry() {
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> ended.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
        return failure.getCause().getMessage();
    }

    private Line connect(Kind kind) throws IOException {
        SocketAddress address = kind == Kind.TCP
                ? new InetSocketAddress("127.0.0.1", 0)
                : UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (ServerSocketChannel server = ServerSocketChannel.open(
                kind == Kind.TCP ? StandardProtocolFamily.INET : StandardProtocolFamily.UNIX)) {
            if (kind == Kind.TCP) {
                server.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            }
            server.bind(address);
            MigrationUri uri = server.getLocalAddress() instanceof InetSocketAddress tcp
                    ? new MigrationUri.Tcp("127.0.0.1", tcp.getPort())
                    : MigrationUri.parse("unix:" + folder.resolve("socket"));
            Connection ours = Connector.to(uri).connect(watch, "peer");
            return new Line(ours, server.accept());
        }
    }
}
