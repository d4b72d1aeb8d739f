package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject.Direction;
import io.pageferry.store.Retention;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import io.pageferry.testing.Threads;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server takes on itself, what it refuses, and what it sends on. */
@LeakFree
@Timeout(60)
class ServerTest extends ServerScene {
    private static final StallWatch PATIENT = new StallWatch(LONG);

    @Test
    void shouldRefuseAGuestMoreThanThereMayBeAndTakeItLater() throws Exception {
        start(parameters().build(), 2, 32);
        try (GuestSources crowd = new GuestSources(server.uris().getFirst())) {
            crowd.begin(GuestSources.source(0));
            crowd.begin(GuestSources.source(1));
            Eventually.until("two guests", () -> migrations.running() == 2);
            try (GuestSources refused = new GuestSources(server.uris().getFirst())) {
                refused.begin(GuestSources.source(2));
                refused.awaitClosedUnanswered();
            }
            assertEquals(2, migrations.list().size());
            crowd.release();
            crowd.awaitClosed();
        }
        assertTrue(migrations.awaitNone(LONG));
        take(2);
        assertEquals(3, store.list().size());
    }

    @Test
    void shouldCloseConnectionsBeyondThoseThatMayWait() throws Exception {
        start(parameters().build(), 2, 8);
        try (GuestSources strangers = new GuestSources(server.uris().getFirst())) {
            for (int i = 0; i < 6; i++) {
                strangers.send(new byte[0], 0, Peer.Then.SILENCE);
            }
            Eventually.until("six of them", () -> server.waitingConnections() == 6);
            try (GuestSources surplus = new GuestSources(server.uris().getFirst())) {
                surplus.send(new byte[0], 0, Peer.Then.SILENCE);
                surplus.awaitClosed(); // three quarters of them may be of one host
            }
            assertEquals(6, server.waitingConnections());
            awaitRefusalFor("max-connections");
        }
        Eventually.until("room again", () -> server.waitingConnections() == 0);
        take(0);
    }

    /** Its channels found a place again, and would have become those of the next main channel without a uuid. */
    @Test
    void shouldNotJoinTheChannelsOfAGuestWhoseMainChannelWasRefusedToAnother() throws Exception {
        start(parameters().build(), 2, 8);
        byte[] main = new Source().main();
        try (GuestSources refused = new GuestSources(server.uris().getFirst());
                GuestSources next = new GuestSources(server.uris().getFirst())) {
            try (GuestSources strangers = new GuestSources(server.uris().getFirst())) {
                for (int i = 0; i < 8; i++) {
                    strangers.send(new byte[0], 0, Peer.Then.SILENCE);
                }
                Eventually.until("no room", () -> server.waitingConnections() == 6);
                refused.send(main, main.length, Peer.Then.SILENCE);
                refused.awaitClosed();
            }
            Eventually.until("room again", () -> server.waitingConnections() == 0);
            byte[] channel = new Source().channel0();
            refused.send(channel, channel.length, Peer.Then.CLOSE);
            refused.awaitClosed();
            next.send(main, main.length, Peer.Then.CLOSE);
            next.awaitClosed();
            byte[] other = new Source().connections.get(2);
            refused.send(other, other.length, Peer.Then.CLOSE);
            refused.awaitClosed();
        }
        assertEquals(List.of(), migrations.list());
        assertEquals(List.of(), store.list());
        take(0); // a guest with a uuid
    }

    @Test
    void shouldRefuseAGuestMoreThanItsHostMayHaveAndTakeAnotherHosts() throws Exception {
        start(parameters().build(), 4, 64);
        try (GuestSources crowd = new GuestSources(server.uris().getFirst());
                GuestSources others = new GuestSources(server.uris().getFirst(), "127.0.0.2")) {
            for (int guest = 0; guest < 3; guest++) {
                crowd.begin(GuestSources.source(guest));
            }
            Eventually.until("three guests", () -> migrations.running() == 3);
            try (GuestSources refused = new GuestSources(server.uris().getFirst())) {
                refused.begin(GuestSources.source(3));
                refused.awaitClosedUnanswered();
            }
            awaitRefusalFor("max-migrations");
            others.begin(GuestSources.source(4));
            Eventually.until("another host's", () -> migrations.running() == 4);
            crowd.release();
            others.release();
            crowd.awaitClosed();
            others.awaitClosed();
        }
        assertTrue(migrations.awaitNone(LONG));
        assertEquals(4, store.list().size());
        take(5);
    }

    @Test
    void shouldDropAGuestThatDoesNotComeWholeInTime() throws Exception {
        start(parameters().stallTimeout(Duration.ofMillis(300)).build(), 2, 32);
        try (GuestSources crowd = new GuestSources(server.uris().getFirst())) {
            byte[] main = GuestSources.source(0).main();
            crowd.send(main, main.length, Peer.Then.SILENCE);
            crowd.send(new byte[] {1}, 1, Peer.Then.SILENCE);
            crowd.awaitClosed();
        }
        Eventually.until("nobody", () -> server.waitingConnections() == 0);
        assertEquals(List.of(), migrations.list());
    }

    /** {@code MIG_RP_MSG_SHUT} with an error. */
    @Test
    void shouldTellTheSourceOfAGuestThatItRefusesWhileItIsGathered() throws Exception {
        start(parameters().build(), 2, 32);
        requireToldNo(
                List.of(GuestSources.source(0).main(), GuestSources.source(0).main()));
    }

    @Test
    void shouldTellTheSourceOfAGuestThatItHasNoRoomFor() throws Exception {
        start(parameters().build(), 1, 32);
        try (GuestSources crowd = new GuestSources(server.uris().getFirst())) {
            crowd.begin(GuestSources.source(0));
            Eventually.until("a guest", () -> migrations.running() == 1);
            requireToldNo(GuestSources.source(1).connections);
        }
    }

    /** It is counted when the refused have been closed. */
    private void awaitRefusalFor(String rule) {
        Eventually.until("one refusal", () -> server.refusalCounters().counts().getOrDefault(rule, 0L) == 1);
    }

    private void requireToldNo(List<byte[]> connections) throws IOException {
        byte[] no = new StreamBytes().u16(1).u16(4).u32(1).toBytes();
        MigrationUri.Tcp uri = (MigrationUri.Tcp) server.uris().getFirst();
        List<SocketChannel> sockets = new ArrayList<>();
        for (byte[] bytes : connections) {
            SocketChannel socket = SocketChannel.open(new InetSocketAddress(uri.host(), uri.port()));
            socket.write(ByteBuffer.wrap(bytes));
            sockets.add(socket);
        }
        byte[] told = new byte[no.length];
        sockets.getFirst().socket().getInputStream().readNBytes(told, 0, told.length);
        assertArrayEquals(no, told);
        for (SocketChannel socket : sockets) {
            socket.close();
        }
    }

    @Test
    void shouldRefuseAGuestThatTheDiskHasNoRoomFor() throws Exception {
        store = FolderStore.open(folder.resolve("store"), Retention.ALL, Long.MAX_VALUE, Clock.systemUTC());
        start(parameters().build(), 2, 32);
        try (GuestSources crowd = new GuestSources(server.uris().getFirst())) {
            crowd.begin(GuestSources.source(0));
            crowd.awaitClosedUnanswered();
        }
        assertTrue(migrations.awaitNone(LONG));
        MigrationEntry entry = migrations.list().getFirst();
        String reason = entry.outcome().orElseThrow().failure().orElseThrow().getMessage();
        assertTrue(reason.startsWith("guest must have room on disk: needed=16.27 MiB free="), reason);
        assertEquals(List.of(), store.list());
    }

    @Test
    void shouldTakeNobodyNewAndFinishTheRestWhenItDrains() throws Exception {
        start(parameters().build(), 4, 32);
        MigrationUri uri = server.uris().getFirst();
        try (GuestSources crowd = new GuestSources(uri)) {
            crowd.begin(GuestSources.source(0));
            Eventually.until("a guest", () -> migrations.running() == 1);
            assertEquals(false, server.drain(Duration.ofMillis(50)));
            assertThrows(IOException.class, () -> new GuestSources(uri).begin(GuestSources.source(1)));
            crowd.release();
            crowd.awaitClosed();
        }
        assertTrue(server.drain(LONG));
        assertEquals(1, store.list().size());
    }

    @Test
    void shouldRefuseWhoIsNotWholeAndFinishAllOthersWhenItDrains() throws Exception {
        int guests = 20;
        start(parameters().build(), 2 * guests, 8 * guests); // all of them are of one host
        MigrationUri uri = server.uris().getFirst();
        try (GuestSources crowd = new GuestSources(uri);
                GuestSources late = new GuestSources(uri)) {
            for (int guest = 0; guest < guests; guest++) {
                crowd.begin(GuestSources.source(guest));
            }
            Eventually.until("all guests", () -> migrations.running() == guests);
            byte[] main = GuestSources.source(guests).main();
            late.send(main, main.length, Peer.Then.SILENCE);
            late.send(new byte[] {1}, 1, Peer.Then.SILENCE);
            Eventually.until("both connections", () -> server.waitingConnections() == 2);
            assertFalse(server.drain(Duration.ZERO));
            late.awaitClosed();
            Eventually.until("nobody who waits", () -> server.waitingConnections() == 0);
            crowd.release();
            crowd.awaitClosed();
        }
        assertTrue(server.drain(LONG));
        assertEquals(guests, store.list().size());
    }

    @Test
    void shouldSendOneImageToManyDestinationsAtOnce() throws Exception {
        start(parameters().build(), 8, 32);
        take(7);
        StoredImage image = store.list().getFirst();
        List<Callable<Void>> destinations = IntStream.range(0, 5)
                .<Callable<Void>>mapToObj(_ -> () -> sendTo(image))
                .toList();
        Threads.runTogether(destinations);
        assertTrue(migrations.awaitNone(LONG));
        List<MigrationEntry> sent = migrations.list().stream()
                .filter(entry -> entry.subject().direction() == Direction.OUTGOING)
                .toList();
        assertEquals(5, sent.size());
        for (MigrationEntry entry : sent) {
            assertEquals(Optional.empty(), entry.outcome().orElseThrow().failure());
            assertEquals(Optional.of(GuestSources.uuid(7)), entry.subject().guest());
            assertEquals(Optional.of(image.location()), entry.subject().image());
        }
    }

    @Test
    void shouldRefuseToSendWhatIsNotInTheStore() throws Exception {
        start(parameters().build(), 2, 32);
        assertThrows(
                StoreException.class,
                () -> server.migrate(
                        "unknown/nothing.img", ANY_PORT, parameters().build()));
        assertEquals(List.of(), migrations.list());
    }

    @Test
    void shouldShowItsNewCertificateToWhoComesAfterAReload() throws Exception {
        TlsAuthority authority = TlsAuthority.create(folder, "authority");
        authority.writeTo(folder);
        authority.server("ip:127.0.0.1").toServer(folder);
        authority.client("CN=client").toClient(folder);
        start(parameters().tls(TlsSettings.of(folder)).build(), 2, 32);
        try (Connection before = connect()) {
            authority
                    .sign("RSA", "CN=renewed", "-ext", "san=ip:127.0.0.1", "-ext", "eku=serverAuth")
                    .toServer(folder);
            server.reload();
            try (Connection after = connect()) {
                assertNotEquals(before.identity(), after.identity());
                assertEquals(Optional.of("CN=renewed"), after.identity());
                before.writeFully(ByteBuffer.wrap(new byte[] {1}), "still there");
            }
            Files.delete(folder.resolve("server-cert.pem"));
            assertThrows(NetException.class, server::reload);
            try (Connection still = connect()) {
                assertEquals(Optional.of("CN=renewed"), still.identity());
            }
        }
    }

    private Connection connect() throws IOException {
        return Connector.to(
                        server.uris().getFirst(),
                        TlsSecurity.ofClient(
                                Optional.of(TlsSettings.of(folder)),
                                server.uris().getFirst()))
                .connect(PATIENT, "client");
    }
}
