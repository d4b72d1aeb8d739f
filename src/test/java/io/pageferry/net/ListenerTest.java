package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import io.pageferry.testing.TestJvm;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where migrations arrive, and how they get there. */
@LeakFree
@Timeout(60)
class ListenerTest {
    private static final StallWatch WATCH = new StallWatch(Loopback.PATIENT);

    @TempDir
    Path folder;

    @Test
    void shouldCarryBytesOverTcp() throws Exception {
        requireCarries(Loopback.ANY_PORT);
    }

    @Test
    void shouldCarryBytesOverIpv6() throws Exception {
        requireIpv6();
        requireCarries(MigrationUri.parse("tcp:[::1]:0"));
    }

    @Test
    void shouldCarryBytesOverUnixSocketAndRemoveIt() throws Exception {
        Path path = folder.resolve("socket");
        requireCarries(new MigrationUri.Unix(path));
        assertFalse(Files.exists(path));
    }

    private static void requireCarries(MigrationUri uri) throws Exception {
        try (Loopback loopback = Loopback.open(uri, WATCH)) {
            loopback.ours().writeFully(ByteBuffer.allocateDirect(8).putLong(7).flip(), "bytes");
            ByteBuffer there = ByteBuffer.allocateDirect(8);
            loopback.peers().readFully(there, "bytes");
            assertEquals(7, there.getLong(0));
        }
    }

    @Test
    void shouldSayTheRealPortWhenAnyIsAskedFor() throws Exception {
        try (Listener listener = Listener.open(Loopback.ANY_PORT, 1)) {
            assertTrue(((MigrationUri.Tcp) listener.uri()).port() > 0);
        }
    }

    @Test
    void shouldRefusePortWhenItIsTaken() throws Exception {
        try (Listener listener = Listener.open(Loopback.ANY_PORT, 1)) {
            NetException refusal = assertThrows(NetException.class, () -> Listener.open(listener.uri(), 1));
            assertEquals(
                    "address must be free to listen at: uri=" + listener.uri() + " reason=\"Address already in use\"",
                    refusal.getMessage());
        }
    }

    /** QEMU's {@code to}. */
    @Test
    void shouldListenAtTheNextPortThatIsFree() throws Exception {
        try (Listener first = Listener.open(Loopback.ANY_PORT, 1)) {
            int taken = ((MigrationUri.Tcp) first.uri()).port();
            String uri = "tcp:127.0.0.1:" + taken + ",to=" + Math.min(taken + 50, 65535);
            try (Listener second = Listener.open(MigrationUri.parse(uri), 1)) {
                int port = ((MigrationUri.Tcp) second.uri()).port();
                assertTrue(port > taken && port <= taken + 50, () -> taken + " " + port);
                assertEquals("tcp:127.0.0.1:" + port, second.uri().toString());
            }
            NetException refusal = assertThrows(
                    NetException.class,
                    () -> Listener.open(MigrationUri.parse("tcp:127.0.0.1:" + taken + ",to=" + taken), 1));
            assertTrue(refusal.getMessage().contains("to=" + taken + " reason=\"Address already in use\""));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ipv4=on, true, false",
        "ipv6=off, true, false",
        "ipv6=on, false, true",
        "ipv4=off, false, true",
        "'ipv4=on,ipv6=on', true, true"
    })
    void shouldListenAtTheKindOfAddressesThatIsWanted(String options, boolean ipv4, boolean ipv6) throws Exception {
        requireIpv6();
        try (Listener listener = Listener.open(MigrationUri.parse("tcp::0," + options), 4)) {
            int port = ((MigrationUri.Tcp) listener.uri()).port();
            assertEquals(ipv4, isReached("127.0.0.1", port));
            assertEquals(ipv6, isReached("::1", port));
        }
    }

    private static boolean isReached(String host, int port) throws IOException {
        try (SocketChannel _ = SocketChannel.open(new InetSocketAddress(host, port))) {
            return true;
        } catch (ConnectException e) {
            return false;
        }
    }

    @Test
    void shouldRefuseHostWhenItHasNoAddressOfTheKindThatIsWanted() {
        MigrationUri uri = MigrationUri.parse("tcp:127.0.0.1:0,ipv4=off");
        String line = "host must have an address of a kind that is wanted: uri=tcp:127.0.0.1:0,ipv4=off";
        assertEquals(
                line,
                assertThrows(NetException.class, () -> Listener.open(uri, 1)).getMessage());
        assertEquals(
                line,
                assertThrows(
                                NetException.class,
                                () -> Connector.to(uri)
                                        .connect(WATCH, "main channel")
                                        .close())
                        .getMessage());
    }

    @Test
    void shouldConnectToTheKindOfAddressesThatIsWanted() throws Exception {
        requireIpv6();
        requireCarries(MigrationUri.parse("tcp:localhost:0,ipv4=on,keep-alive=on"));
        requireCarries(MigrationUri.parse("tcp:[::1]:0,ipv6=on"));
        requireCarries(MigrationUri.parse("tcp:0:0"));
    }

    private static void requireIpv6() throws IOException {
        assumeTrue(
                NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null,
                "this machine has no IPv6 loopback");
    }

    @Test
    void shouldTakeOverSocketThatAProcessLeftBehind() throws Exception {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        requireCarries(new MigrationUri.Unix(path));
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldRefusePathWhenSomebodyListensThere() throws Exception {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel first = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            first.bind(UnixDomainSocketAddress.of(path), 1);
            for (int i = 0; i < 4; i++) { // however many wait there already
                NetException refusal =
                        assertThrows(NetException.class, () -> Listener.open(new MigrationUri.Unix(path), 1));
                assertTrue(refusal.getMessage().startsWith("address must be free"), refusal.getMessage());
            }
            assertTrue(Files.exists(path));
        }
    }

    @Test
    void shouldLeaveTheSocketOfWhoHasItsPathByNow() throws Exception {
        Path path = folder.resolve("socket");
        Listener first = Listener.open(new MigrationUri.Unix(path), 1);
        Files.delete(path);
        try (Listener second = Listener.open(new MigrationUri.Unix(path), 1)) {
            first.close();
            assertTrue(Files.exists(path), second.uri().toString());
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldRefusePathAndKeepFifo() throws Exception {
        Path path = folder.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
        assertThrows(NetException.class, () -> Listener.open(new MigrationUri.Unix(path), 1));
        assertTrue(Files.exists(path));
    }

    @Test
    void shouldRefusePathAndKeepFileWhenItIsNoSocket() throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "mine");
        NetException refusal = assertThrows(NetException.class, () -> Listener.open(new MigrationUri.Unix(path), 1));
        assertTrue(
                refusal.getMessage().startsWith("address must be free to listen at: uri=unix:" + path + " reason="),
                refusal.getMessage());
        assertEquals("mine", Files.readString(path));
    }

    @Test
    void shouldRefusePathWhenItIsTooLongForASocket() {
        Path path = folder.resolve("x".repeat(200));
        NetException refusal = assertThrows(NetException.class, () -> Listener.open(new MigrationUri.Unix(path), 1));
        assertTrue(refusal.getMessage().contains("reason=\"Unix domain path too long\""), refusal.getMessage());
    }

    @Test
    void shouldSayWhoIsNotThereWhenNobodyListens() {
        MigrationUri nobody = new MigrationUri.Unix(folder.resolve("nobody"));
        NetException refusal =
                assertThrows(NetException.class, () -> Connector.to(nobody).connect(WATCH, "main channel"));
        assertEquals(
                "destination must accept connections: main channel uri=" + nobody
                        + " reason=\"No such file or directory\"",
                refusal.getMessage());
    }

    @Test
    void shouldMakeNoLinesOfAClientsPath() throws Exception {
        try (Listener listener = Listener.open(new MigrationUri.Unix(folder.resolve("socket")), 1);
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(folder.resolve("a\nERROR forged\u001b[0m")))) {
            client.connect(UnixDomainSocketAddress.of(folder.resolve("socket")));
            try (Connection connection = listener.accept(WATCH, "peer")) {
                assertEquals(folder.resolve("a.ERROR forged.[0m").toString(), connection.peer());
                assertEquals(connection.peer(), connection.host());
                assertEquals("unix", connection.network());
            }
        }
    }

    /** The JDK makes a path of it, or fails by what is no error of the network. */
    @Test
    void shouldLoseAClientAndNoMoreWhosePathIsNoneInThisLocale() throws Exception {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "this process can have such a path");
        UnixDomainSocketAddress there = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (ChildProcess process = ChildProcess.start(
                "listener",
                folder,
                folder,
                Map.of("LC_ALL", "POSIX"),
                TestJvm.command(AcceptingListener.class, there.getPath()))) {
            String expected = AcceptingListener.LISTENING;
            awaitText(process, expected);
            try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)
                    .bind(UnixDomainSocketAddress.of(folder.resolve("\u00e9\n")))) {
                client.connect(there);
                awaitText(process, expected + AcceptingListener.LOST + "connection must be accepted: uri=");
            }
            try (SocketChannel client = SocketChannel.open(there)) {
                assertTrue(client.isConnected());
                Eventually.until(
                        "the next one is accepted: " + process,
                        () -> process.stdout().text().endsWith("\n" + AcceptingListener.ACCEPTED));
            }
            assertEquals(3, process.stdout().text().lines().count(), process.toString());
        }
    }

    private static void awaitText(ChildProcess process, String beginning) {
        Eventually.until("\"" + beginning + "\"", () -> {
            assertTrue(process.isAlive(), process.toString());
            return process.stdout().text().startsWith(beginning);
        });
    }

    @Test
    void shouldKnowTheNetworkOfAnAddress() throws Exception {
        assertEquals("10.0.0.1", networkOf("10.0.0.1"));
        assertEquals("10.0.0.1", networkOf("::ffff:10.0.0.1"));
        assertEquals(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assertNotEquals(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:3::1"));
        assertEquals(
                "[2001:db8:1:2:0:0:0:1]",
                PeerAddress.of(new InetSocketAddress(InetAddress.getByName("2001:db8:1:2::1"), 1))
                        .host());
    }

    private static String networkOf(String address) throws IOException {
        return PeerAddress.of(new InetSocketAddress(InetAddress.getByName(address), 4444))
                .network();
    }

    @Test
    void shouldEndAcceptWhenInterrupted() throws Exception {
        try (Listener listener = Listener.open(Loopback.ANY_PORT, 1)) {
            CompletableFuture<Throwable> end = new CompletableFuture<>();
            Thread thread = acceptor(listener, end);
            thread.interrupt();
            assertInstanceOf(InterruptedException.class, end.get(10, TimeUnit.SECONDS));
        }
    }

    /** Accepts one connection, closes it, and says how that ended. */
    private static Thread acceptor(Listener listener, CompletableFuture<Throwable> end) {
        return Thread.ofVirtual().start(() -> {
            try {
                listener.accept(WATCH, "peer").close();
                end.complete(null);
            } catch (IOException | InterruptedException e) {
                end.complete(e);
            }
        });
    }
}
