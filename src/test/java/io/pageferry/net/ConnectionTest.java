package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading and writing in full, and what ends it. */
@LeakFree
@Timeout(60)
class ConnectionTest {
    private Loopback loopback;

    @BeforeEach
    void connect() throws Exception {
        loopback = Loopback.open();
        loopback.ours().name("channel=1");
    }

    @AfterEach
    void close() {
        loopback.close();
    }

    private static ByteBuffer bytes(int length) {
        return ByteBuffer.allocateDirect(length);
    }

    @Test
    void shouldFillBuffersInOrderWhenBytesComeInPieces() throws Exception {
        ByteBuffer[] buffers = {bytes(3), bytes(1), bytes(4), bytes(9)};
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                for (byte i = 0; i < 8; i++) {
                    loopback.peers().writeFully(bytes(1).put(i).flip(), "byte");
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        loopback.ours().readFully(buffers, 3, 8, "packet");
        writer.join();
        byte expected = 0;
        for (int i = 0; i < 3; i++) {
            buffers[i].flip();
            while (buffers[i].hasRemaining()) {
                assertEquals(expected++, buffers[i].get());
            }
        }
        assertEquals(8, expected);
        assertEquals(0, buffers[3].position());
        assertEquals(8, loopback.ours().bytesRead());
        assertEquals(8, loopback.peers().bytesWritten());
    }

    @Test
    void shouldSayThatPeerHasEndedWhenItDoesBetweenMessages() throws Exception {
        loopback.peers().close();
        assertFalse(loopback.ours().readFullyOrEnd(bytes(4), "packet"));
        assertFalse(loopback.ours().awaitMessage(bytes(4), 4, "packet"));
        assertEquals(-1, loopback.ours().readSome(bytes(4), "stream"));
        assertEquals(-1, loopback.ours().readWhenSaid(bytes(4), "answer"));
    }

    @Test
    void shouldNameWhatWasAwaitedWhenPeerClosesInsideIt() throws Exception {
        loopback.peers().writeFully(bytes(3), "bytes");
        loopback.peers().close();
        NetException refusal =
                assertThrows(NetException.class, () -> loopback.ours().readFully(bytes(8), "initial packet"));
        assertEquals(
                "peer must not close inside a message: channel=1 awaited=\"initial packet\" got=3 missing=5",
                refusal.getMessage());
    }

    @Test
    void shouldNameWhatWasAwaitedWhenPeerClosesInsideGatheredPages() throws Exception {
        loopback.peers().writeFully(bytes(5), "bytes");
        loopback.peers().close();
        ByteBuffer[] buffers = {bytes(4), bytes(4)};
        NetException refusal =
                assertThrows(NetException.class, () -> loopback.ours().readFully(buffers, 2, 8, "page data"));
        assertEquals(
                "peer must not close inside a message: channel=1 awaited=\"page data\" got=5 missing=3",
                refusal.getMessage());
    }

    @Test
    void shouldSayThatConnectionBreaksWhenPeerIsGoneWhileItIsWrittenTo() {
        loopback.peers().close();
        NetException refusal = assertThrows(NetException.class, () -> {
            while (true) {
                loopback.ours().writeFully(bytes(1 << 20), "packet");
            }
        });
        assertTrue(
                refusal.getMessage().startsWith("connection must not break: channel=1 during=\"packet\" reason=\""),
                refusal.getMessage());
    }

    @Test
    void shouldCutReaderLooseWhenClosedByAnotherThread() throws Exception {
        CompletableFuture<Throwable> end = failureOf(() -> {
            loopback.ours().readFully(bytes(1), "packet");
            return null;
        });
        loopback.ours().close();
        assertInstanceOf(ClosedChannelException.class, end.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldCutWriterLooseWhenClosedByAnotherThread() throws Exception {
        CompletableFuture<Throwable> end = failureOf(() -> {
            while (true) {
                loopback.ours().writeFully(bytes(1 << 20), "packet");
            }
        });
        loopback.ours().close();
        assertInstanceOf(ClosedChannelException.class, end.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldCutReaderLooseWhenInterrupted() throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                loopback.ours().readFully(bytes(1), "packet");
            } catch (IOException e) {
                end.complete(e);
            }
        });
        reader.interrupt();
        assertInstanceOf(ClosedByInterruptException.class, end.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldEndReadingHereOnlyWhenInputIsEnded() throws Exception {
        loopback.ours().endInput();
        assertFalse(loopback.ours().readFullyOrEnd(bytes(1), "packet"));
        loopback.ours().writeFully(bytes(4), "packet");
        loopback.peers().readFully(bytes(4), "packet");
    }

    @Test
    void shouldStillReadAnswersWhenOutputIsEnded() throws Exception {
        loopback.ours().endOutput();
        assertFalse(loopback.peers().readFullyOrEnd(bytes(1), "packet"));
        loopback.peers().writeFully(bytes(4), "answer");
        loopback.ours().readFully(bytes(4), "answer");
    }

    private static CompletableFuture<Throwable> failureOf(Callable<Void> call) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                call.call();
                failure.complete(null);
            } catch (Exception e) {
                failure.complete(e);
            }
        });
        return failure;
    }
}
