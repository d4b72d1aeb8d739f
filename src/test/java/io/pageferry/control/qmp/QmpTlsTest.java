package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.TlsAuthority;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QMP under TLS, with the clients of others: the JDK's own, and OpenSSL's. */
@LeakFree
@Timeout(60)
class QmpTlsTest {
    private static final String NEGOTIATE = "{\"execute\": \"qmp_capabilities\"}\n";
    private static final String QUIT = "{\"execute\": \"quit\"}\n";
    private static final int READ_TIMEOUT_MILLIS = 30_000;

    @TempDir
    static Path pki;

    private static TlsAuthority authority;
    private static TlsAuthority.Identity laptop;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCertificates() {
        authority = TlsAuthority.create(pki, "house");
        authority.writeTo(pki);
        authority.server("ip:127.0.0.1").toServer(pki);
        laptop = authority.client("O=Home,CN=laptop").toClient(pki);
        warmUp();
    }

    /** The JDK's TLS has threads and files that stay, which are nobody's leak. */
    private static void warmUp() {
        try {
            context(Optional.of(laptop));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldObeyAClientWhoseCertificateIsGoodAndTellItOfTheEnd() throws Exception {
        try (QmpFixture house = open(settings());
                SSLSocket client = connect(house, Optional.of(laptop));
                BufferedReader answers = reader(client)) {
            assertTrue(answers.readLine().startsWith("{\"QMP\""));
            write(client, NEGOTIATE);
            assertEquals("{\"return\": {}}", answers.readLine());
            write(client, QUIT);
            assertTrue(answers.readLine().contains("SHUTDOWN"));
            assertEquals("{\"return\": {}}", answers.readLine());
            assertNull(answers.readLine()); // an end without a word would be an exception
        }
    }

    @Test
    void shouldSayNothingToAClientWithoutACertificate() throws Exception {
        try (QmpFixture house = open(settings());
                SSLSocket client = connect(house, Optional.empty())) {
            assertClosedUnheard(house, client);
        }
    }

    @Test
    void shouldSayNothingToAClientWhomAuthzDoesNotLetIn() throws Exception {
        TlsSettings tls = TlsSettings.of(pki).withAuthz(TlsAuthz.of(List.of("CN=other,O=Home")));
        try (QmpFixture house = open(QmpSettings.of(List.of("tcp:127.0.0.1:0"), Optional.of(tls), false));
                SSLSocket client = connect(house, Optional.of(laptop))) {
            assertClosedUnheard(house, client);
        }
    }

    private static void assertClosedUnheard(QmpFixture house, SSLSocket client) {
        assertThrows(IOException.class, () -> {
            write(client, NEGOTIATE);
            if (reader(client).readLine() == null) {
                throw new IOException("closed");
            }
        });
        Eventually.until("its refusal", () -> house.refusals("qmp-handshake") == 1);
    }

    @Test
    void shouldSayNothingInTheClear() throws Exception {
        try (QmpFixture house = open(settings());
                Socket client = connect(house)) {
            write(client, NonQmpClientTest.COMMANDS);
            Eventually.until("its refusal", () -> house.refusals("qmp-handshake") == 1);
            assertEquals(List.of(), house.migrations().list());
        }
    }

    /** A browser may have a certificate, and show it for a page that it should not. */
    @Test
    void shouldObeyNoRequestUnderTls() throws Exception {
        try (QmpFixture house = open(settings());
                SSLSocket client = connect(house, Optional.of(laptop))) {
            write(client, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + NonQmpClientTest.COMMANDS);
            Eventually.until("its refusal", () -> house.refusals("qmp-http") == 1);
            assertEquals(List.of(), house.migrations().list());
        }
    }

    @Test
    void shouldLetAClientInWhenManyOthersNeverDoTheirHandshake() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (QmpFixture house = open(settings().withMaxClients(4))) {
            for (int i = 0; i < 40; i++) {
                silent.add(connect(house));
            }
            try (SSLSocket client = connect(house, Optional.of(laptop))) {
                assertTrue(reader(client).readLine().startsWith("{\"QMP\""));
            }
            Eventually.until("room made", () -> house.refusals("qmp-handshake") >= 36);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void shouldCloseAClientThatDoesNotEndItsHandshake() throws Exception {
        try (QmpFixture house = open(settings().withHandshakeTimeout(Duration.ofMillis(200)));
                Socket client = connect(house)) {
            client.getOutputStream().write(new byte[] {22, 3, 1});
            assertEquals(-1, client.getInputStream().read());
            Eventually.until("its refusal", () -> house.refusals("qmp-handshake") == 1);
        }
    }

    @Test
    void shouldObeyOpenssl() throws Exception {
        Path openssl = Path.of("/usr/bin/openssl");
        assumeTrue(Files.isExecutable(openssl), "openssl must be there to be a client");
        try (QmpFixture house = open(settings())) {
            Process client = new ProcessBuilder(
                            openssl.toString(),
                            "s_client",
                            "-quiet",
                            "-verify_return_error",
                            "-connect",
                            "127.0.0.1:" + house.port(),
                            "-CAfile",
                            pki.resolve("ca-cert.pem").toString(),
                            "-cert",
                            pki.resolve("client-cert.pem").toString(),
                            "-key",
                            pki.resolve("client-key.pem").toString())
                    .redirectError(folder.resolve("openssl.log").toFile())
                    .start();
            try (BufferedReader answers = client.inputReader(StandardCharsets.UTF_8)) {
                assertTrue(answers.readLine().startsWith("{\"QMP\""));
                client.getOutputStream().write((NEGOTIATE + QUIT).getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().flush();
                assertEquals("{\"return\": {}}", answers.readLine());
                assertTrue(answers.readLine().contains("SHUTDOWN"));
                assertEquals("{\"return\": {}}", answers.readLine());
                assertNull(answers.readLine());
                assertTrue(client.waitFor(30, TimeUnit.SECONDS));
            } finally {
                client.destroyForcibly();
            }
        }
    }

    private static QmpSettings settings() {
        return QmpSettings.of(List.of("tcp:127.0.0.1:0"), Optional.of(TlsSettings.of(pki)), false);
    }

    private QmpFixture open(QmpSettings settings) throws IOException {
        return QmpFixture.open(folder, settings);
    }

    private static Socket connect(QmpFixture house) throws IOException {
        Socket socket = new Socket("127.0.0.1", house.port());
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        return socket;
    }

    private static SSLSocket connect(QmpFixture house, Optional<TlsAuthority.Identity> identity) throws Exception {
        SSLSocket socket = (SSLSocket) context(identity).getSocketFactory().createSocket("127.0.0.1", house.port());
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        return socket;
    }

    private static SSLContext context(Optional<TlsAuthority.Identity> identity) throws Exception {
        KeyStore trusted = empty();
        trusted.setCertificateEntry("ca", certificate(Files.readAllBytes(pki.resolve("ca-cert.pem"))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore own = empty();
        if (identity.isPresent()) {
            PrivateKey key = KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(identity.get().key()));
            Certificate[] chain = {certificate(identity.get().certificate())};
            own.setKeyEntry("own", key, new char[0], chain);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore empty() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate certificate(byte[] bytes) throws Exception {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes));
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }
}
