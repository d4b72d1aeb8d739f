package io.pageferry.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.config.MigrationUri;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.Golden;
import io.pageferry.testing.LeakFree;
import io.pageferry.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections of real sockets, and who they turn out to be. */
@LeakFree
@Timeout(30)
class ArrivalsTest {
    private static final byte[] INITIAL = Golden.bytes("qemu-10.0/initial.packet");
    private static final int UUID_OFFSET = 8;
    private static final int ID_OFFSET = 24;

    private final AtomicInteger begun = new AtomicInteger();
    private final StallWatch watch = new StallWatch(Duration.ofMillis(200));
    private final ChannelRoster roster = new ChannelRoster(2, Optional.empty(), begun::incrementAndGet, () -> {});
    private final List<Connection> opened = new ArrayList<>();
    private Listener listener;
    private Arrivals arrivals;

    @BeforeEach
    void listen() throws IOException {
        listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8);
        arrivals = new Arrivals(listener, watch, roster);
    }

    @AfterEach
    void close() {
        opened.forEach(Connection::close);
        listener.close();
    }

    @Test
    void shouldKnowTheMainChannelByItsFirstBytes() throws Exception {
        byte[] magic = {'Q', 'E', 'V', 'M'};
        send(magic);
        Arrival.Main main = assertInstanceOf(Arrival.Main.class, next());
        assertEquals(ByteBuffer.wrap(magic), main.connection().peek(magic.length, "magic"));
        assertEquals("main channel", main.connection().name());
    }

    @Test
    void shouldKnowAMultifdChannelByItsInitialPacket() throws Exception {
        send(INITIAL);
        Arrival.Multifd channel = assertInstanceOf(Arrival.Multifd.class, next());
        ByteBuffer golden = ByteBuffer.wrap(INITIAL);
        assertEquals(INITIAL[ID_OFFSET], channel.channelId());
        assertEquals(new UUID(golden.getLong(UUID_OFFSET), golden.getLong(UUID_OFFSET + Long.BYTES)), channel.uuid());
        assertEquals("channel=" + channel.channelId(), channel.connection().name());
    }

    @Test
    void shouldLeaveWhatFollowsTheInitialPacketForItsReader() throws Exception {
        byte[] more = new byte[INITIAL.length + 3];
        System.arraycopy(INITIAL, 0, more, 0, INITIAL.length);
        more[INITIAL.length] = 42;
        send(more);
        ByteBuffer rest = ByteBuffer.allocate(3);
        next().connection().readFully(rest, "rest");
        assertEquals(42, rest.get(0));
    }

    @Test
    void shouldSayThatTheMigrationHasBegunWhenTheFirstIsThere() throws Exception {
        assertEquals(0, begun.get());
        send(INITIAL);
        next();
        assertEquals(1, begun.get());
    }

    @Test
    void shouldRefuseWhoSpeaksAnotherProtocol() throws Exception {
        Connection peer = send("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
        String message = assertThrows(NetException.class, arrivals::next).getMessage();
        assertEquals(
                "connection must begin as a main or a multifd channel: peer=X firstBytes=0x47455420 (\"GET \")",
                message.replaceAll("peer=\\S+", "peer=X"));
        assertClosed(peer);
    }

    @Test
    void shouldRefuseChannelWhenItsIdIsNotBelowTheirNumber() throws Exception {
        byte[] packet = INITIAL.clone();
        packet[ID_OFFSET] = 2;
        WireException refusal = refuse(packet);
        assertEquals(
                "channel id must be below multifd-channels, set it as the source has it: channel=2 multifd-channels=2",
                refusal.getMessage());
    }

    @Test
    void shouldRefuseChannelWhenItsVersionIsWrong() throws Exception {
        byte[] packet = INITIAL.clone();
        packet[7] = 2;
        WireException refusal = refuse(packet);
        assertEquals(
                "initial packet's version must be 1: channel=" + INITIAL[ID_OFFSET] + " version=2",
                refusal.getMessage());
    }

    @Test
    void shouldRefuseChannelWhenItIsOfAnotherGuestThanTheFirst() throws Exception {
        send(INITIAL);
        UUID first = assertInstanceOf(Arrival.Multifd.class, next()).uuid();
        byte[] packet = INITIAL.clone();
        packet[UUID_OFFSET] ^= 1;
        WireException refusal = refuse(packet);
        UUID other = new UUID(first.getMostSignificantBits() ^ 1L << 56, first.getLeastSignificantBits());
        assertEquals(
                "initial packet must be of this guest: channel=" + INITIAL[ID_OFFSET] + " uuid=" + other + " expected="
                        + first,
                refusal.getMessage());
    }

    @Test
    void shouldRefuseChannelWhenItEndsInsideItsInitialPacket() throws Exception {
        Connection peer = send(Arrays.copyOf(INITIAL, 20));
        peer.endOutput();
        String message = assertThrows(NetException.class, arrivals::next).getMessage();
        assertEquals(
                "peer must not close inside a message: connection from X awaited=\"initial packet\" got=20 missing=44",
                message.replaceAll("from \\S+", "from X"));
        assertClosed(peer);
    }

    @Test
    void shouldRefuseConnectionWhenItEndsBeforeItHasSaidAnything() throws Exception {
        Connection peer = send(new byte[0]);
        peer.endOutput();
        String message = assertThrows(NetException.class, arrivals::next).getMessage();
        assertEquals(
                "peer must not close before its message is whole: connection from X awaited=\"first four bytes\"",
                message.replaceAll("from \\S+", "from X"));
    }

    /** The deadline is the watch's; the thread that waits is cut loose by the scope. */
    @Test
    void shouldMissWhoStopsInsideItsInitialPacket() throws Exception {
        send(Arrays.copyOf(INITIAL, 20));
        CompletableFuture<Arrival> arrived = new CompletableFuture<>();
        Thread taking = taking(arrived);
        String message = assertThrows(NetException.class, watch::watch).getMessage();
        assertEquals(
                "peer must not be silent for longer than stall-timeout: connection from X awaited=\"initial packet\""
                        + " waited=T stall-timeout=200 ms",
                message.replaceAll("from \\S+", "from X").replaceAll("waited=\\S+ ms", "waited=T"));
        cutLoose(taking, arrived);
    }

    @Test
    void shouldMissTheNextConnectionWhenOneIsThere() throws Exception {
        send(INITIAL);
        roster.join(next());
        CompletableFuture<Arrival> arrived = new CompletableFuture<>();
        Thread taking = taking(arrived);
        String message = assertThrows(NetException.class, watch::watch).getMessage();
        assertEquals(
                "peer must not be silent for longer than stall-timeout: listener awaited=\"connection 2 of 3,"
                        + " set multifd and multifd-channels alike on both ends\" waited=T stall-timeout=200 ms",
                message.replaceAll("waited=\\S+ ms", "waited=T"));
        cutLoose(taking, arrived);
    }

    private Connection send(byte[] bytes) throws IOException {
        Connection peer = Connector.to(listener.uri()).connect(new StallWatch(Duration.ofMinutes(1)), "peer");
        opened.add(peer);
        peer.writeFully(ByteBuffer.wrap(bytes), "bytes");
        return peer;
    }

    private WireException refuse(byte[] packet) throws IOException {
        Connection peer = send(packet);
        WireException refusal = assertThrows(WireException.class, arrivals::next);
        assertClosed(peer);
        return refusal;
    }

    private Arrival next() throws IOException, InterruptedException {
        Arrival arrival = arrivals.next().orElseThrow();
        opened.add(arrival.connection());
        return arrival;
    }

    private Thread taking(CompletableFuture<Arrival> arrived) {
        return Thread.ofVirtual().start(() -> {
            try {
                arrived.complete(next());
            } catch (IOException | InterruptedException e) {
                arrived.completeExceptionally(e);
            }
        });
    }

    private static void cutLoose(Thread taking, CompletableFuture<Arrival> arrived) throws InterruptedException {
        taking.interrupt();
        taking.join();
        assertThrows(ExecutionException.class, arrived::get);
    }

    /** Who is refused finds its connection closed: by its end, or broken where it had sent more than was read. */
    private static void assertClosed(Connection peer) throws IOException {
        try {
            assertEquals(-1, peer.readSome(ByteBuffer.allocate(1), "end"));
        } catch (NetException e) {
            assertEquals("Connection reset", e.getCause().getMessage());
        }
    }
}
