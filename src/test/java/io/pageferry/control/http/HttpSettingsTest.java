package io.pageferry.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.config.ConfigException;
import io.pageferry.control.qmp.ImageList;
import io.pageferry.control.qmp.ImageSummary;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.net.tls.ServerCertificate;
import io.pageferry.session.registry.Migrations;
import io.pageferry.testing.StillStore;
import io.pageferry.testing.TlsAuthority;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where HTTP may be served. */
@Timeout(60)
class HttpSettingsTest {
    private static final Optional<Token> TOKEN = Optional.of(Token.of(HttpFixture.SECRET));

    private static final ImageList NO_IMAGES = new ImageList() {
        @Override
        public List<ImageSummary> page(String after, int limit) {
            return List.of();
        }

        @Override
        public int count() {
            return 0;
        }
    };

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"127.0.0.1:80,127.0.0.1,80", "[::1]:0,0:0:0:0:0:0:0:1,0", "127.1.2.3:65535,127.1.2.3,65535"})
    void shouldReadAnAddress(String text, String host, int port) {
        InetSocketAddress address = HttpSettings.parseAddress(text);
        assertEquals(host, address.getAddress().getHostAddress());
        assertEquals(port, address.getPort());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "80",
                ":80",
                "::1:80",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:65536",
                "127.0.0.1:-1",
                "127.0.0.1:8x"
            })
    void shouldRefuseWhatIsNoAddress(String text) {
        ConfigException e = assertThrows(ConfigException.class, () -> HttpSettings.parseAddress(text));
        assertEquals("http must be HOST:PORT, or [HOST]:PORT for IPv6: value=" + text, e.getMessage());
    }

    @Test
    void shouldRefuseToBeElsewhereThanAtLoopbackWithoutTls() {
        requireRefused(TOKEN, Optional.empty());
    }

    @Test
    void shouldRefuseToBeElsewhereThanAtLoopbackWithoutAToken() throws Exception {
        requireRefused(Optional.empty(), Optional.of(SSLContext.getDefault()));
    }

    private static void requireRefused(Optional<Token> token, Optional<SSLContext> tls) {
        InetSocketAddress everywhere = HttpSettings.parseAddress("0.0.0.0:0");
        ConfigException e = assertThrows(ConfigException.class, () -> HttpSettings.of(everywhere, token, tls));
        assertEquals(
                "http must have http-token-file and http-tls-creds where it is not at loopback: value=0.0.0.0:0",
                e.getMessage());
    }

    @Test
    void shouldBeElsewhereWithBoth() throws Exception {
        InetSocketAddress everywhere = HttpSettings.parseAddress("0.0.0.0:0");
        assertEquals(
                everywhere,
                HttpSettings.of(everywhere, TOKEN, Optional.of(SSLContext.getDefault()))
                        .address());
    }

    @Test
    void shouldServeUnderTls() throws Exception {
        TlsAuthority authority = TlsAuthority.create(folder, "house");
        authority.writeTo(folder);
        authority.server("ip:127.0.0.1").toServer(folder);
        HttpSettings settings = HttpSettings.of(
                HttpSettings.parseAddress("127.0.0.1:0"), TOKEN, Optional.of(ServerCertificate.load(folder)));
        try (Migrations migrations = new Migrations(1, 1);
                HttpEndpoint endpoint = HttpEndpoint.start(
                        settings,
                        new HttpView(
                                migrations,
                                NO_IMAGES,
                                new StillStore(),
                                new RefusalCounters(),
                                RefusalHistory.inMemory()));
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(trusting(folder.resolve("ca-cert.pem")))
                        .build()) {
            URI uri = endpoint.uri().resolve("/api/images");
            assertEquals("https", uri.getScheme());
            HttpRequest.Builder request = HttpRequest.newBuilder(uri);
            assertEquals(
                    401, client.send(request.build(), BodyHandlers.ofString()).statusCode());
            request.header("Authorization", "Bearer " + HttpFixture.SECRET);
            assertEquals(
                    "[]", client.send(request.build(), BodyHandlers.ofString()).body());
        }
    }

    private static SSLContext trusting(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    @Test
    void shouldRefuseATokenThatCouldBeGuessed() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "secret\n");
        ConfigException e = assertThrows(ConfigException.class, () -> Token.read(file));
        assertEquals(
                "http token must be one line of at least 16 characters of ASCII without spaces: length=6",
                e.getMessage());
    }

    @Test
    void shouldRefuseATokenFileThatIsNotThere() {
        Path file = folder.resolve("token");
        ConfigException e = assertThrows(ConfigException.class, () -> Token.read(file));
        assertEquals("http-token-file must be a file that can be read: value=" + file, e.getMessage());
    }
}
