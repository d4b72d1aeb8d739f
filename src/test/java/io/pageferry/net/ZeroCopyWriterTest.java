package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sending without copying, over loopback: there the kernel copies after all, and says so. */
@LeakFree
@Timeout(60)
class ZeroCopyWriterTest {
    private static final int BUFFERS = 8;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int ROUNDS = 40;
    private static final int WINDOW = 128 * 1024;
    private static final int MORE_THAN_WINDOW = 16 * WINDOW;
    private static final int INTERRUPTS = 200;
    private static final long DEADLINE_SECONDS = 10;

    @Test
    void shouldDeliverAllBytesInOrderWhenSocketIsFullAgainAndAgain() throws Exception {
        ByteBuffer[] buffers = randomBuffers();
        CRC32C sent = new CRC32C();
        CRC32C received = new CRC32C();
        try (Pair pair = Pair.connect()) {
            Thread reader = pair.readAll(received);
            long copied;
            try (ZeroCopyWriter writer = new ZeroCopyWriter(pair.near, BUFFERS)) {
                for (int round = 0; round < ROUNDS; round++) {
                    for (ByteBuffer buffer : buffers) {
                        sent.update(buffer.rewind());
                        buffer.rewind();
                    }
                    writeFully(writer, buffers);
                }
                flush(writer);
                copied = writer.copied();
            }
            pair.near.shutdownOutput();
            reader.join();
            assertEquals(sent.getValue(), received.getValue());
            assertTrue(copied > 0, "loopback always copies");
        }
    }

    @Test
    void shouldWaitForNothingWhenNothingWasSent() throws Exception {
        try (Pair pair = Pair.connect();
                ZeroCopyWriter writer = new ZeroCopyWriter(pair.near, BUFFERS)) {
            flush(writer);
            assertEquals(0, writer.copied());
        }
    }

    @Test
    void shouldFailWhenPeerIsGone() throws Exception {
        ByteBuffer[] buffers = randomBuffers();
        try (Pair pair = Pair.connect();
                ZeroCopyWriter writer = new ZeroCopyWriter(pair.near, BUFFERS)) {
            pair.far.close();
            assertThrows(IOException.class, () -> {
                while (true) {
                    for (ByteBuffer buffer : buffers) {
                        buffer.rewind();
                    }
                    writeFully(writer, buffers);
                }
            });
        }
    }

    /** What does not fit the peer's window is still the network's. */
    @Test
    void shouldWaitInFlushUntilPeerHasTakenEverything() throws Exception {
        try (Pair pair = Pair.connectNarrow();
                Writing flush = flushing(pair.near, Kind.VIRTUAL)) {
            flush.awaitWaiting();
            pair.readAll(new CRC32C());
            flush.ended.get();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndFlushWhenInterrupted(Kind kind) throws Exception {
        try (Pair pair = Pair.connectNarrow();
                Writing flush = flushing(pair.near, kind)) {
            flush.awaitWaiting();
            flush.thread.interrupt();
            assertInstanceOf(ClosedByInterruptException.class, flush.failure());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndFlushWhenConnectionIsClosedByAnotherThread(Kind kind) throws Exception {
        try (Pair pair = Pair.connectNarrow();
                Writing flush = flushing(pair.near, kind)) {
            flush.awaitWaiting();
            flush.transport.close();
            assertInstanceOf(AsynchronousCloseException.class, flush.failure());
        }
    }

    /** Whenever it comes: also just before the wait, or between two. */
    @ParameterizedTest
    @EnumSource
    void shouldMissNoInterrupt(Kind kind) throws Exception {
        for (int i = 0; i < INTERRUPTS; i++) {
            try (Pair pair = Pair.connectNarrow();
                    Writing flush = flushing(pair.near, kind)) {
                flush.thread.interrupt();
                assertInstanceOf(ClosedByInterruptException.class, flush.failure());
            }
        }
    }

    /** Else its bytes would end every wait at once, and the wait would turn round and round. */
    @Test
    void shouldFailWhenPeerSpeaksInsteadOfReading() throws Exception {
        try (Pair pair = Pair.connectNarrow();
                Writing flush = flushing(pair.near, Kind.VIRTUAL)) {
            flush.awaitWaiting();
            pair.far.write(ByteBuffer.allocate(1));
            assertEquals(
                    "peer has closed, or spoken out of turn", flush.failure().getMessage());
        }
    }

    /** The kernel drops what the peer will never take: flushing is done, or fails, and the next write fails. */
    @Test
    void shouldNotWaitForPeerThatHasClosed() throws Exception {
        try (Pair pair = Pair.connectNarrow();
                Writing flush = flushing(pair.near, Kind.VIRTUAL)) {
            flush.awaitWaiting();
            pair.far.close();
            flush.thread.join();
            assertTrue(flush.ended.isDone());
            assertThrows(IOException.class, () -> pair.near.write(ByteBuffer.allocate(1)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndWriteWhenInterruptedWhileSocketIsFull(Kind kind) throws Exception {
        try (Pair pair = Pair.connect();
                Writing writing = Writing.begin(pair.near, kind)) {
            writing.awaitWaiting();
            writing.thread.interrupt();
            assertInstanceOf(ClosedByInterruptException.class, writing.failure());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndWriteWhenConnectionIsClosedByAnotherThreadWhileSocketIsFull(Kind kind) throws Exception {
        try (Pair pair = Pair.connect();
                Writing writing = Writing.begin(pair.near, kind)) {
            writing.awaitWaiting();
            writing.transport.close();
            assertInstanceOf(AsynchronousCloseException.class, writing.failure());
        }
    }

    @Test
    void shouldNotBeginToWriteWhenConnectionIsClosed() throws Exception {
        ByteBuffer[] buffers = randomBuffers();
        try (Pair pair = Pair.connect()) {
            PlainTransport transport = new PlainTransport(pair.near);
            try (ZeroCopyWriter writer = transport.zeroCopyWriter(BUFFERS)) {
                transport.close();
                assertThrows(AsynchronousCloseException.class, () -> writeFully(writer, buffers));
                assertTrue(writer.isDone());
            }
        }
    }

    @Test
    void shouldRefuseSocketWhenItIsAUnixOne() throws Exception {
        try (SocketChannel unix = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertTrue(assertThrows(NetException.class, () -> new ZeroCopyWriter(unix, 1).close())
                    .getMessage()
                    .startsWith("socket must be able to send without copying"));
        }
    }

    private static void writeFully(ZeroCopyWriter writer, ByteBuffer[] buffers) throws Exception {
        int first = 0;
        while (first < buffers.length) {
            writer.write(buffers, first, buffers.length - first, false);
            while (first < buffers.length && !buffers[first].hasRemaining()) {
                first++;
            }
        }
    }

    /** Lends more than the peer's window takes, and waits for it. */
    private static Writing flushing(SocketChannel near, Kind kind) {
        return Writing.begin(near, kind, writer -> {
            writeFully(writer, new ByteBuffer[] {ByteBuffer.allocateDirect(MORE_THAN_WINDOW)});
            flush(writer);
        });
    }

    private static void flush(ZeroCopyWriter writer) throws IOException {
        while (writer.awaitSome()) {
            // What is done with one part says nothing of the next.
        }
        assertTrue(writer.isDone());
    }

    private static ByteBuffer[] randomBuffers() {
        Random random = new Random(3);
        ByteBuffer[] buffers = new ByteBuffer[BUFFERS];
        for (int i = 0; i < BUFFERS; i++) {
            byte[] bytes = new byte[BUFFER_BYTES];
            random.nextBytes(bytes);
            buffers[i] = ByteBuffer.allocateDirect(BUFFER_BYTES).put(bytes).flip();
        }
        return buffers;
    }

    /** The kinds of threads that channels have. */
    enum Kind {
        VIRTUAL,
        PLATFORM;

        Thread start(Runnable work) {
            return this == VIRTUAL
                    ? Thread.ofVirtual().start(work)
                    : Thread.ofPlatform().name("writer").start(work);
        }
    }

    private interface Work {
        void run(ZeroCopyWriter writer) throws Exception;
    }

    /** What is written to a connection, on a thread of its own. */
    private record Writing(PlainTransport transport, Thread thread, CompletableFuture<Void> ended)
            implements AutoCloseable {
        /** Writes more than the socket takes, again and again. */
        static Writing begin(SocketChannel near, Kind kind) {
            ByteBuffer[] buffers = randomBuffers();
            return begin(near, kind, writer -> {
                while (true) {
                    for (ByteBuffer buffer : buffers) {
                        buffer.rewind();
                    }
                    writeFully(writer, buffers);
                }
            });
        }

        static Writing begin(SocketChannel near, Kind kind, Work work) {
            PlainTransport transport = new PlainTransport(near);
            CompletableFuture<Void> ended = new CompletableFuture<>();
            Thread thread = kind.start(() -> {
                try (ZeroCopyWriter writer = transport.zeroCopyWriter(BUFFERS)) {
                    work.run(writer);
                    ended.complete(null);
                } catch (Throwable e) {
                    ended.completeExceptionally(e);
                }
            });
            return new Writing(transport, thread, ended);
        }

        void awaitWaiting() {
            Threads.awaitWaitingForSocket(thread);
        }

        Throwable failure() {
            return assertThrows(ExecutionException.class, () -> ended.get(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .getCause();
        }

        @Override
        public void close() {
            thread.interrupt();
            Eventually.until("end of the writing thread", ended::isDone);
        }
    }

    private record Pair(SocketChannel near, SocketChannel far) implements AutoCloseable {
        static Pair connect() throws IOException {
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                SocketChannel near = SocketChannel.open(listener.getLocalAddress());
                return new Pair(near, listener.accept());
            }
        }

        /** A peer that takes little in advance, at an end that may send much. */
        static Pair connectNarrow() throws IOException {
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open().setOption(StandardSocketOptions.SO_RCVBUF, WINDOW)) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel near = SocketChannel.open(listener.getLocalAddress());
                near.setOption(StandardSocketOptions.SO_SNDBUF, 2 * MORE_THAN_WINDOW);
                return new Pair(near, listener.accept());
            }
        }

        Thread readAll(CRC32C sum) {
            AtomicReference<IOException> failure = new AtomicReference<>();
            return Thread.ofVirtual().start(() -> {
                ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
                try {
                    while (far.read(bytes.clear()) >= 0) {
                        sum.update(bytes.flip());
                    }
                } catch (IOException e) {
                    failure.set(e);
                }
            });
        }

        @Override
        public void close() throws IOException {
            near.close();
            far.close();
        }
    }
}
