package io.pageferry.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every connection does, however it is protected. */
@LeakFree
@Timeout(30)
public abstract class ConnectionSuite {
    private static final StallWatch WATCH = new StallWatch(Duration.ofSeconds(30));
    private static final String TEST = "test";

    private ExecutorService executor;
    private Listener listener;
    private Connection client;
    private Connection server;

    /** How a server's connections of this suite are protected. */
    protected Security securityOfServer() throws Exception {
        return Security.NONE;
    }

    /** How a client's connections of this suite are protected. */
    protected Security securityOfClient(MigrationUri server) throws Exception {
        return Security.NONE;
    }

    @BeforeEach
    void connect() throws Exception {
        executor = Executors.newVirtualThreadPerTaskExecutor();
        listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8, securityOfServer());
        Future<Connection> accepted = executor.submit(() -> {
            Connection connection = listener.accept(WATCH, TEST);
            connection.begin();
            return connection;
        });
        client = Connector.to(listener.uri(), securityOfClient(listener.uri())).connect(WATCH, "client");
        server = accepted.get();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        listener.close();
        executor.close();
    }

    @Test
    void shouldCarryMessagesOfAnySizeWhenSidesCutThemDifferently() throws Exception {
        byte[] sent = random(3_000_000);
        Future<?> writing = executor.submit(() -> {
            Random sizes = new Random(1);
            for (int position = 0; position < sent.length; ) {
                int length = Math.min(sent.length - position, 1 + sizes.nextInt(70_000));
                client.writeFully(ByteBuffer.wrap(sent, position, length), TEST);
                position += length;
            }
            return null;
        });
        ByteBuffer received = ByteBuffer.allocateDirect(sent.length);
        Random sizes = new Random(2);
        while (received.hasRemaining()) {
            int length = Math.min(received.remaining(), 1 + sizes.nextInt(70_000));
            ByteBuffer part = received.slice(received.position(), length);
            server.readFully(part, TEST);
            received.position(received.position() + length);
        }
        writing.get();
        assertEquals(ByteBuffer.wrap(sent), received.flip());
        assertEquals(sent.length, client.bytesWritten());
        assertEquals(sent.length, server.bytesRead());
    }

    /** As packets are: a header, and pages that lie anywhere. */
    @Test
    void shouldGatherAndScatter() throws Exception {
        byte[] sent = random(1344 + 128 * 4096);
        Future<?> writing = executor.submit(() -> {
            ByteBuffer[] parts =
                    parts(ByteBuffer.allocateDirect(sent.length).put(sent).flip());
            client.writeFully(parts, parts.length, sent.length, TEST);
            return null;
        });
        ByteBuffer received = ByteBuffer.allocateDirect(sent.length);
        ByteBuffer[] parts = parts(received);
        server.readFully(parts, parts.length, sent.length, TEST);
        writing.get();
        assertEquals(ByteBuffer.wrap(sent), received);
    }

    /** Nobody waits: neither where the peer does not read, nor where it has gone. */
    @Test
    void shouldOfferAMessageOnlyWhereThereIsRoom() throws Exception {
        ByteBuffer message = ByteBuffer.allocate(1024);
        int offered = 0;
        while (client.offer(message.clear(), TEST)) {
            offered += message.capacity();
            assertTrue(offered < 64 << 20, "there must be an end of the room");
        }
        assertEquals(offered, client.bytesWritten());
        server.readFully(ByteBuffer.allocateDirect(offered), TEST);
        await().until(() -> client.offer(message.clear(), TEST));
        server.readFully(message.clear(), TEST);
        server.close();
        await().until(() -> client.hasPeerLeft() && !isOffered(message.clear()));
    }

    private boolean isOffered(ByteBuffer message) {
        try {
            return client.offer(message, TEST);
        } catch (IOException e) {
            return false;
        }
    }

    private static ByteBuffer[] parts(ByteBuffer whole) {
        ByteBuffer[] parts = new ByteBuffer[129];
        parts[0] = whole.slice(0, 1344);
        for (int i = 0; i < 128; i++) {
            parts[i + 1] = whole.slice(1344 + i * 4096, 4096);
        }
        return parts;
    }

    @Test
    void shouldReadAndWriteAtTheSameTime() throws Exception {
        byte[] there = random(2_000_000);
        byte[] back = random(1_000_000);
        Future<?> writingThere = executor.submit(write(client, there));
        Future<?> writingBack = executor.submit(write(server, back));
        Future<ByteBuffer> readingBack = executor.submit(() -> read(client, back.length));
        assertEquals(ByteBuffer.wrap(there), read(server, there.length));
        assertEquals(ByteBuffer.wrap(back), readingBack.get());
        writingThere.get();
        writingBack.get();
    }

    @Test
    void shouldSeeEndWhenPeerHasFinishedAndClosed() throws Exception {
        server.requireProperEnd();
        client.writeFully(ByteBuffer.wrap(random(10)), TEST);
        client.finish();
        client.close();
        assertEquals(10, read(server, 10).remaining());
        assertFalse(server.awaitMessage(ByteBuffer.allocate(100), 12, TEST));
    }

    @Test
    void shouldSeeOneEndWhenPeerHasFinishedTwice() throws Exception {
        server.requireProperEnd();
        client.writeFully(ByteBuffer.wrap(random(10)), TEST);
        client.finish();
        client.finish();
        client.endOutput();
        assertEquals(10, read(server, 10).remaining());
        assertFalse(server.awaitMessage(ByteBuffer.allocate(100), 12, TEST));
        assertFalse(server.awaitMessage(ByteBuffer.allocate(100), 12, TEST));
    }

    @Test
    void shouldSeeEndWhenPeerHasOnlyClosed() throws Exception {
        client.writeFully(ByteBuffer.wrap(random(10)), TEST);
        client.close();
        assertEquals(10, read(server, 10).remaining());
        assertFalse(server.awaitMessage(ByteBuffer.allocate(100), 12, TEST));
    }

    @Test
    void shouldRefuseEndInsideMessage() throws Exception {
        client.writeFully(ByteBuffer.wrap(random(10)), TEST);
        client.finish();
        client.close();
        NetException refused = assertThrows(NetException.class, () -> read(server, 20));
        assertTrue(
                refused.getMessage().startsWith("peer must not close inside a message: connection from "),
                refused.getMessage());
        assertTrue(refused.getMessage().endsWith("got=10 missing=10"), refused.getMessage());
    }

    @Test
    void shouldSeeEndWhenInputIsEndedHere() throws Exception {
        server.requireProperEnd();
        Future<Boolean> waiting = executor.submit(() -> server.awaitMessage(ByteBuffer.allocate(100), 12, TEST));
        server.endInput();
        assertFalse(waiting.get());
    }

    @Test
    void shouldCutReaderLooseWhenClosed() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Future<ByteBuffer> waiting = executor.submit(() -> {
            begun.countDown();
            return read(server, 10);
        });
        begun.await();
        server.close();
        ExecutionException ended = assertThrows(ExecutionException.class, waiting::get);
        assertInstanceOf(ClosedChannelException.class, ended.getCause());
    }

    @Test
    void shouldCutWriterLooseWhenItsThreadIsInterrupted() throws Exception {
        Future<?> writing = executor.submit(write(client, new byte[64 << 20]));
        await().until(() -> client.bytesWritten() > 0);
        Thread.ofVirtual().start(() -> writing.cancel(true)).join();
        executor.close();
        assertThrows(ClosedChannelException.class, () -> client.writeFully(ByteBuffer.allocate(1), TEST));
    }

    @Test
    void shouldLeaveWhatWasLookedAtToBeRead() throws Exception {
        byte[] sent = new byte[300];
        new Random(1).nextBytes(sent);
        client.writeFully(ByteBuffer.wrap(sent), TEST);
        assertEquals(sent[0], server.peek(1, TEST).get());
        ByteBuffer seen = server.peek(100, TEST);
        byte[] first = new byte[100];
        seen.get(first);
        assertArrayEquals(Arrays.copyOf(sent, 100), first);
        ByteBuffer[] parts = {ByteBuffer.allocate(7), ByteBuffer.allocate(3)};
        server.readFully(parts, 2, 10, TEST);
        ByteBuffer rest = ByteBuffer.allocate(290);
        server.readFully(rest, TEST);
        assertArrayEquals(Arrays.copyOf(sent, 7), parts[0].array());
        assertArrayEquals(Arrays.copyOfRange(sent, 7, 10), parts[1].array());
        assertArrayEquals(Arrays.copyOfRange(sent, 10, 300), rest.array());
        assertEquals(300, server.bytesRead());
    }

    @Test
    void shouldRefuseEndWhereMoreWasToBeLookedAt() throws Exception {
        client.writeFully(ByteBuffer.wrap(new byte[3]), TEST);
        client.finish();
        client.close();
        assertThrows(NetException.class, () -> server.peek(4, TEST));
    }

    @Test
    void shouldBeWatchedByWhoHasTakenItOver() throws Exception {
        StallWatch mine = new StallWatch(Duration.ofMillis(50));
        mine.arm();
        server.watchBy(mine);
        Future<?> reading = executor.submit(() -> server.peek(1, "first byte"));
        String message = assertThrows(NetException.class, mine::watch).getMessage();
        assertTrue(message.contains("awaited=\"first byte\""), message);
        server.close();
        assertThrows(ExecutionException.class, reading::get);
    }

    @Test
    void shouldKnowWhoThePeerHasProvedToBe() throws Exception {
        assertEquals(peerIdentity(), server.identity());
        assertEquals("127.0.0.1", server.host());
    }

    /** Who a client of this suite is to its server. */
    protected Optional<String> peerIdentity() {
        return Optional.empty();
    }

    @Test
    void shouldNotMindWhenPeerHasGoneAtTheFinish() throws Exception {
        server.close();
        client.finish();
        assertEquals(-1, endOf(client));
    }

    private static int endOf(Connection connection) {
        try {
            return connection.readWhenSaid(ByteBuffer.allocate(10), TEST);
        } catch (IOException e) {
            return -1;
        }
    }

    private static Callable<Void> write(Connection connection, byte[] bytes) {
        return () -> {
            connection.writeFully(ByteBuffer.wrap(bytes), TEST);
            return null;
        };
    }

    private static ByteBuffer read(Connection connection, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        connection.readFully(bytes, TEST);
        return bytes.flip();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
