package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.TlsAuthority;
import io.pageferry.testing.TlsAuthority.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is wrong with credentials is said before the first connection, or with the first that shows it. One fault a
 * test.
 */
@LeakFree
@Timeout(30)
abstract class TlsCredentialsSuite {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);
    private static final StallWatch WATCH = new StallWatch(Duration.ofSeconds(30));

    @TempDir
    static Path shared;

    private static TlsAuthority authority;
    private static TlsAuthority otherAuthority;
    private static Identity server;
    private static Identity client;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() {
        authority = TlsAuthority.create(shared, "authority");
        otherAuthority = TlsAuthority.create(shared, "other-authority");
        server = authority.server("ip:127.0.0.1");
        client = authority.client("O=Home,CN=client");
    }

    @BeforeEach
    void writeGoodOnes() {
        authority.writeTo(folder);
        server.toServer(folder);
        client.toClient(folder);
    }

    @Test
    void shouldRefuseFolderWhenThereIsNone() {
        Path missing = folder.resolve("missing");
        ConfigException refused = assertThrows(ConfigException.class, () -> TlsSettings.of(missing));
        assertEquals("tls-creds must be a folder: value=" + missing, refused.getMessage());
    }

    @Test
    void shouldRefuseAuthzWhenNobodyIsVerified() {
        TlsSettings settings = TlsSettings.of(folder).withAuthz(TlsAuthz.of(List.of("CN=client")));
        assertThrows(ConfigException.class, () -> settings.withVerifyPeer(false));
    }

    @Test
    void shouldRefuseServerWhenItHasNoCertificate() throws Exception {
        Files.delete(folder.resolve("server-cert.pem"));
        requireServerRefused("tls-creds must have the file: file=" + folder + "/server-cert.pem");
    }

    @Test
    void shouldRefuseServerWhenItHasNoKey() throws Exception {
        Files.delete(folder.resolve("server-key.pem"));
        requireServerRefused("tls-creds must have the file: file=" + folder + "/server-key.pem");
    }

    @Test
    void shouldRefuseServerWhenItHasNoCa() throws Exception {
        Files.delete(folder.resolve("ca-cert.pem"));
        requireServerRefused("tls-creds must have the file: file=" + folder + "/ca-cert.pem");
    }

    @Test
    void shouldRefuseServerWhenKeyIsOfAnotherCertificate() {
        TlsAuthority.writePem(folder.resolve("server-key.pem"), "PRIVATE KEY", client.key());
        requireServerRefused("private key must be that of the certificate: key=" + folder
                + "/server-key.pem certificate=" + folder + "/server-cert.pem");
    }

    @Test
    void shouldRefuseServerWhenItsCertificateIsOfAnotherCa() {
        otherAuthority.server("ip:127.0.0.1").toServer(folder);
        requireServerRefused("own certificate must be good, file=" + folder
                + "/server-cert.pem: server's certificate must be signed by a CA of ca-cert.pem: "
                + "certificate=\"O=Pageferry Tests,CN=server\" issuer=\"O=Pageferry Tests,CN=other-authority\""
                + " reason=");
    }

    @Test
    void shouldRefuseServerWhenItsCertificateHasExpired() {
        authority.sign("RSA", "CN=old", "-startdate", "-10d", "-validity", "5").toServer(folder);
        requireServerRefused("own certificate must be good, file=" + folder
                + "/server-cert.pem: server's certificate must be valid today: certificate=\"CN=old\" from=");
    }

    @Test
    void shouldRefuseServerWhenItsCertificateIsAClients() {
        client.toServer(folder);
        requireServerRefused("own certificate must be good, file=" + folder + "/server-cert.pem: ");
    }

    @Test
    void shouldRefuseRevocationListWhenItIsOfAnotherCa() {
        otherAuthority.client("CN=revoked").revoke(folder);
        requireServerRefused("revocation list must be signed by a CA of ca-cert.pem: file=" + folder
                + "/ca-crl.pem issuer=\"O=Pageferry Tests,CN=other-authority\"");
    }

    @Test
    void shouldRefuseClientWhenItIsRevoked() throws Exception {
        Identity revoked = authority.client("CN=revoked");
        revoked.toClient(folder);
        revoked.revoke(folder);
        requireHandshakeRefused("client's certificate must not be revoked by ca-crl.pem: connection from \\S+"
                + " certificate=\"CN=revoked\" serial=\\w+");
    }

    @Test
    void shouldLetOthersInWhenOneIsRevoked() throws Exception {
        authority.client("CN=revoked").revoke(folder);
        handshake();
    }

    @Test
    void shouldRefuseToConnectWhenThereIsNoHostToBeCertified() {
        MigrationUri unix = new MigrationUri.Unix(folder.resolve("socket"));
        NetException refused = assertThrows(
                NetException.class,
                () -> Connector.to(unix, TlsSecurity.ofClient(Optional.of(TlsSettings.of(folder)), unix)));
        assertEquals("tls-hostname must be set where the URI has no host: uri=" + unix, refused.getMessage());
    }

    @Test
    void shouldRefuseKeysWhenUserIsNotAmongThem() throws Exception {
        Path psk = Files.createDirectory(folder.resolve("psk"));
        Files.writeString(psk.resolve("keys.psk"), "somebody:00ff\n");
        NetException refused = assertThrows(
                NetException.class,
                () -> Connector.to(ANY_PORT, TlsSecurity.ofClient(Optional.of(TlsSettings.of(psk)), ANY_PORT)));
        assertEquals(
                "keys.psk must have a key for tls-username: file=" + psk + "/keys.psk tls-username=qemu",
                refused.getMessage());
    }

    @Test
    void shouldNotShowKeyWhenItIsNotHexadecimal() throws Exception {
        Path psk = Files.createDirectory(folder.resolve("psk"));
        Files.writeString(psk.resolve("keys.psk"), "# users\n\nqemu:secret\n");
        NetException refused = assertThrows(
                NetException.class,
                () -> Listener.open(ANY_PORT, 1, TlsSecurity.ofServer(Optional.of(TlsSettings.of(psk)))));
        assertEquals(
                "line of keys.psk must be USER:KEY, the key in hexadecimal: file=" + psk + "/keys.psk line=3",
                refused.getMessage());
    }

    private void requireServerRefused(String beginning) {
        NetException refused = assertThrows(
                NetException.class,
                () -> Listener.open(ANY_PORT, 1, TlsSecurity.ofServer(Optional.of(TlsSettings.of(folder)))));
        assertTrue(refused.getMessage().startsWith(beginning), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
    }

    private void requireHandshakeRefused(String pattern) {
        ExecutionException refused = assertThrows(ExecutionException.class, this::handshake);
        assertTrue(
                refused.getCause().getMessage().matches(pattern),
                refused.getCause().getMessage());
    }

    /** Connects and accepts with the folder's credentials; a failure is that of the server. */
    private void handshake() throws Exception {
        Optional<TlsSettings> tls = Optional.of(TlsSettings.of(folder));
        try (Listener listener = Listener.open(ANY_PORT, 1, TlsSecurity.ofServer(tls));
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> accepting = executor.submit(() -> {
                try (Connection connection = listener.accept(WATCH, "test")) {
                    connection.begin();
                }
                return null;
            });
            // In TLS 1.3 a client is done before its certificate has been looked at.
            Connector.to(listener.uri(), TlsSecurity.ofClient(tls, listener.uri()))
                    .connect(WATCH, "client")
                    .close();
            accepting.get();
        }
    }

    /** It could not be told from others', or from nobody. */
    @Test
    void shouldRefuseClientWhenItsCertificateHasNoName() {
        authority
                .sign("RSA", "", "-ext", "san:critical=dns:laptop", "-ext", "eku=clientAuth")
                .toClient(folder);
        requireHandshakeRefused("client's certificate must have a distinguished name of 1 to 4096 characters: "
                + "connection from \\S+ length=0");
    }
}
