package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.TlsAuthority;
import io.pageferry.testing.TlsBy;
import io.pageferry.testing.TlsChoice;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients of a TLS server that do what no honest one does: each is refused with one line, and none can keep the server
 * waiting, or busy, for long.
 */
@LeakFree
@Timeout(30)
class HostileTlsPeerTest {
    private static final Duration SHORT_STALL_TIMEOUT = Duration.ofMillis(300);
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(20);
    private static final String TEST = "test";

    /** A record of handshake type that says it has 1 KiB, and the beginning of a ClientHello. */
    private static final byte[] HALF_A_HELLO = HexFormat.of().parseHex("1603010400010003fc0303");

    enum Kind {
        BORINGSSL,
        JSSE,
        PSK
    }

    @TempDir
    static Path x509;

    @TempDir
    static Path psk;

    private ExecutorService executor;
    private Listener listener;
    private Socket raw;

    @BeforeAll
    static void makeCredentials() throws IOException {
        TlsAuthority authority = TlsAuthority.create(x509, "authority");
        authority.writeTo(x509);
        authority.server("ip:127.0.0.1").toServer(x509);
        Files.writeString(psk.resolve("keys.psk"), "qemu:0123456789abcdef\n");
    }

    @BeforeEach
    void openExecutor() {
        executor = Executors.newVirtualThreadPerTaskExecutor();
    }

    @AfterEach
    void close() {
        listener.close();
        executor.close();
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefusePeerWhenItBeginsAMigration(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (Socket peer = connect()) {
            peer.getOutputStream().write("QEVM\0\0\0\3".getBytes(StandardCharsets.ISO_8859_1));
            requireRefused(
                    "peer must speak TLS, set tls-creds on both ends or on none: connection from \\S+"
                            + " firstBytes=0x5145564d \\(\"QEVM\"\\)",
                    accepting);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefusePeerWhenItClosesInsideHandshake(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (Socket peer = connect()) {
            peer.getOutputStream().write(HALF_A_HELLO);
            peer.shutdownOutput();
            requireRefused(
                    "client must not close before the TLS handshake is done, its log says why: connection from .*",
                    accepting);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefusePeerWhenItStopsInsideHandshake(Kind kind) throws Exception {
        StallWatch watch = new StallWatch(SHORT_STALL_TIMEOUT);
        Future<Connection> accepting = listen(kind, watch);
        try (Socket peer = connect()) {
            peer.getOutputStream().write(HALF_A_HELLO);
            NetException stalled = assertThrows(NetException.class, watch::watch);
            assertTrue(
                    stalled.getMessage()
                            .matches("peer must not be silent for longer than stall-timeout: connection from \\S+"
                                    + " awaited=\"TLS handshake, .*\" waited=.*"),
                    stalled.getMessage());
        }
        assertThrows(ExecutionException.class, accepting::get);
    }

    /** A byte now and then is no progress: the handshake has one deadline. */
    @ParameterizedTest
    @EnumSource
    void shouldRefusePeerWhenItTricklesHandshake(Kind kind) throws Exception {
        StallWatch watch = new StallWatch(SHORT_STALL_TIMEOUT);
        Future<Connection> accepting = listen(kind, watch);
        try (Socket peer = connect()) {
            Future<Void> trickling = executor.submit(() -> trickle(peer.getOutputStream()));
            assertThrows(NetException.class, watch::watch);
            assertFalse(trickling.isDone());
            trickling.cancel(true);
        }
        assertThrows(ExecutionException.class, accepting::get);
    }

    private static Void trickle(OutputStream out) throws Exception {
        out.write(HALF_A_HELLO);
        StallWatch pause = new StallWatch(SHORT_STALL_TIMEOUT.dividedBy(5));
        while (true) {
            pause.arm();
            pause.slot("pause").expect("its end");
            assertThrows(NetException.class, pause::watch);
            out.write(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseRecordWhenItIsHuge(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (Socket peer = connect()) {
            peer.getOutputStream().write(HexFormat.of().parseHex("160301ffff010003fc0303"));
            peer.getOutputStream().write(new byte[64 * 1024]);
            ExecutionException refused = assertThrows(ExecutionException.class, accepting::get);
            assertInstanceOf(NetException.class, refused.getCause());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldRefuseGarbageInsteadOfRecord(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (SSLSocket _ = tls("TLSv1.3");
                Connection server = accepting.get()) {
            raw.getOutputStream().write("garbage!".repeat(10).getBytes(StandardCharsets.US_ASCII));
            NetException refused = assertThrows(NetException.class, () -> read(server, 1));
            assertTrue(
                    refused.getMessage().startsWith("TLS must be agreed on and kept to: connection from "),
                    refused.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldRefuseEndInsideRecord(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (SSLSocket _ = tls("TLSv1.3");
                Connection server = accepting.get()) {
            raw.getOutputStream().write(HexFormat.of().parseHex("170303010000"));
            raw.shutdownOutput();
            requireMatches("peer must not close inside a TLS record: connection from \\S+ got=6", readRefused(server));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldRefuseEndWithoutCloseNotifyWhenPeerIsOfThoseThatSendIt(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (SSLSocket peer = tls("TLSv1.3");
                Connection server = accepting.get()) {
            server.requireProperEnd();
            peer.getOutputStream().write(7);
            raw.shutdownOutput();
            read(server, 1);
            requireMatches(
                    "peer must end its TLS session before it closes, the connection may have been cut: connection from"
                            + " \\S+"
                            + " awaited=close_notify",
                    readRefused(server));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldRefuseRenegotiation(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (SSLSocket peer = tls("TLSv1.2");
                Connection server = accepting.get()) {
            executor.submit(() -> {
                peer.startHandshake();
                return peer.getInputStream().read();
            });
            requireMatches("peer must not begin another TLS handshake: connection from \\S+", readRefused(server));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldGoOnWhenPeerChangesKeys(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (SSLSocket peer = tls("TLSv1.3");
                Connection server = accepting.get()) {
            for (int i = 0; i < 20; i++) {
                peer.startHandshake(); // in TLS 1.3: new keys
                peer.getOutputStream().write(i);
                assertEquals(i, read(server, 1).get());
                server.writeFully(ByteBuffer.wrap(new byte[] {(byte) i}), TEST);
                assertEquals(i, peer.getInputStream().read());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldRefuseFloodOfKeyChanges(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (SSLSocket peer = tls("TLSv1.3");
                Connection server = accepting.get()) {
            executor.submit(() -> {
                while (true) {
                    peer.startHandshake();
                }
            });
            requireMatches(
                    "peer must not send TLS records without data again and again: connection from \\S+ silent=\"\\d+"
                            + " records\"",
                    readRefused(server));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldRefusePeerWhenItHasNoCipherOfOurs(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        executor.submit(() -> tls("TLSv1.2", "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256"));
        requireRefused(
                "TLS must be agreed on and kept to: connection from \\S+ reason=\"(no shared"
                        + " cipher|\\(handshake_failure\\) no cipher suites in common)\"",
                accepting);
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JSSE"})
    void shouldSayHowPeerRefusesUs(Kind kind) throws Exception {
        Future<Connection> accepting = listen(kind);
        executor.submit(() -> handshake(SSLContext.getDefault(), "TLSv1.2"));
        requireRefused(
                "peer must not refuse the TLS session, its log says why: connection from \\S+"
                        + " alert=certificate_unknown",
                accepting);
    }

    /** A QEMU that closes a channel with something unread in it would reset it, and lose what it still had to send. */
    @ParameterizedTest
    @CsvSource({"BORINGSSL, TLSv1.3", "BORINGSSL, TLSv1.2", "JSSE, TLSv1.3", "JSSE, TLSv1.2"})
    void shouldSendNothingOfItsOwnAfterHandshake(Kind kind, String version) throws Exception {
        Future<Connection> accepting = listen(kind);
        try (SSLSocket peer = tls(version);
                Connection server = accepting.get()) {
            peer.getOutputStream().write(7);
            read(server, 1);
            assertEquals(0, raw.getInputStream().available());
        }
    }

    private Future<Connection> listen(Kind kind) throws Exception {
        return listen(kind, new StallWatch(STALL_TIMEOUT));
    }

    /** Accepts without asking for a client's certificate, so that anybody gets as far as data. */
    private Future<Connection> listen(Kind kind, StallWatch watch) throws Exception {
        TlsSettings settings = TlsSettings.of(kind == Kind.PSK ? psk : x509).withVerifyPeer(false);
        MigrationUri anyPort = new MigrationUri.Tcp("127.0.0.1", 0);
        listener = switch (kind) {
            case BORINGSSL ->
                TlsChoice.with(
                        TlsBy.BORINGSSL, () -> Listener.open(anyPort, 8, TlsSecurity.ofServer(Optional.of(settings))));
            case JSSE ->
                TlsChoice.with(
                        TlsBy.JSSE, () -> Listener.open(anyPort, 8, TlsSecurity.ofServer(Optional.of(settings))));
            case PSK -> Listener.open(anyPort, 8, TlsSecurity.ofServer(Optional.of(settings)));
        };
        return executor.submit(() -> {
            Connection connection = listener.accept(watch, TEST);
            try {
                connection.begin();
                return connection;
            } catch (IOException e) {
                connection.close();
                throw e;
            }
        });
    }

    private Socket connect() throws IOException {
        return new Socket("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port());
    }

    /** A client by JSSE, its handshake done; {@link #raw} is what it goes over. */
    private SSLSocket tls(String version, String... ciphers) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
        return handshake(context, version, ciphers);
    }

    private SSLSocket handshake(SSLContext context, String version, String... ciphers) throws Exception {
        raw = connect();
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, "127.0.0.1", raw.getPort(), true);
        socket.setEnabledProtocols(new String[] {version});
        if (ciphers.length > 0) {
            socket.setEnabledCipherSuites(ciphers);
        }
        try {
            socket.startHandshake();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    private static final class TrustsAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static ByteBuffer read(Connection connection, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        connection.readFully(bytes, TEST);
        return bytes.flip();
    }

    /** What a reader says that waits for a packet. */
    private static String readRefused(Connection connection) {
        return assertThrows(NetException.class, () -> connection.awaitMessage(ByteBuffer.allocate(100), 12, TEST))
                .getMessage();
    }

    private static void requireRefused(String pattern, Future<Connection> accepting) {
        ExecutionException refused = assertThrows(ExecutionException.class, accepting::get);
        assertInstanceOf(NetException.class, refused.getCause());
        requireMatches(pattern, refused.getCause().getMessage());
    }

    private static void requireMatches(String pattern, String line) {
        assertTrue(line.matches(pattern), line);
    }
}
