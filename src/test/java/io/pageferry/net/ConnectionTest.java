package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
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
    void connect() throws IOException {
        loopback = Loopback.connect();
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
                    loopback.far().writeFully(bytes(1).put(i).flip(), "byte");
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        loopback.near().readFully(buffers, 3, 8, "packet");
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
        assertEquals(8, loopback.near().bytesRead());
        assertEquals(8, loopback.far().bytesWritten());
    }

    @Test
    void shouldSayThatPeerHasEndedWhenItDoesBetweenMessages() throws Exception {
        loopback.far().close();
        assertFalse(loopback.near().readFullyOrEnd(bytes(4), "packet"));
        assertFalse(loopback.near().awaitMessage(bytes(4), 4, "packet"));
        assertEquals(-1, loopback.near().readSome(bytes(4), "stream"));
        assertEquals(-1, loopback.near().readWhenSaid(bytes(4), "answer"));
    }

    @Test
    void shouldNameWhatWasAwaitedWhenPeerClosesInsideIt() throws Exception {
        loopback.far().writeFully(bytes(3), "bytes");
        loopback.far().close();
        NetException refusal =
                assertThrows(NetException.class, () -> loopback.near().readFully(bytes(8), "initial packet"));
        assertEquals(
                "peer must not close inside a message: channel=1 awaited=\"initial packet\" got=3 missing=5",
                refusal.getMessage());
    }

    @Test
    void shouldNameWhatWasAwaitedWhenPeerClosesInsideGatheredPages() throws Exception {
        loopback.far().writeFully(bytes(5), "bytes");
        loopback.far().close();
        ByteBuffer[] buffers = {bytes(4), bytes(4)};
        NetException refusal =
                assertThrows(NetException.class, () -> loopback.near().readFully(buffers, 2, 8, "page data"));
        assertEquals(
                "peer must not close inside a message: channel=1 awaited=\"page data\" got=5 missing=3",
                refusal.getMessage());
    }

    @Test
    void shouldSayThatConnectionBreaksWhenPeerIsGoneWhileItIsWrittenTo() {
        loopback.far().close();
        NetException refusal = assertThrows(NetException.class, () -> {
            while (true) {
                loopback.near().writeFully(bytes(1 << 20), "packet");
            }
        });
        assertTrue(
                refusal.getMessage().startsWith("connection must not break: channel=1 during=\"packet\" reason=\""),
                refusal.getMessage());
    }

    @Test
    void shouldCutReaderLooseWhenClosedByAnotherThread() throws Exception {
        CompletableFuture<Throwable> end = failureOf(() -> {
            loopback.near().readFully(bytes(1), "packet");
            return null;
        });
        loopback.near().close();
        assertInstanceOf(ClosedChannelException.class, end.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldCutWriterLooseWhenClosedByAnotherThread() throws Exception {
        CompletableFuture<Throwable> end = failureOf(() -> {
            while (true) {
                loopback.near().writeFully(bytes(1 << 20), "packet");
            }
        });
        loopback.near().close();
        assertInstanceOf(ClosedChannelException.class, end.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldCutReaderLooseWhenInterrupted() throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                loopback.near().readFully(bytes(1), "packet");
            } catch (IOException e) {
                end.complete(e);
            }
        });
        reader.interrupt();
        assertInstanceOf(ClosedByInterruptException.class, end.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldEndReadingHereOnlyWhenInputIsEnded() throws Exception {
        loopback.near().endInput();
        assertFalse(loopback.near().readFullyOrEnd(bytes(1), "packet"));
        loopback.near().writeFully(bytes(4), "packet");
        loopback.far().readFully(bytes(4), "packet");
    }

    @Test
    void shouldStillReadAnswersWhenOutputIsEnded() throws Exception {
        loopback.near().endOutput();
        assertFalse(loopback.far().readFullyOrEnd(bytes(1), "packet"));
        loopback.far().writeFully(bytes(4), "answer");
        loopback.near().readFully(bytes(4), "answer");
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
