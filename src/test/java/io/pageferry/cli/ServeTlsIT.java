package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.StallWatch;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose certificate is renewed while it is at work. */
@Timeout(120)
class ServeTlsIT {
    private static final String FIRST = "CN=first";
    private static final String RENEWED = "CN=renewed";

    @TempDir
    private Path folder;

    @TempDir
    private Path pki;

    private PageferryProcess.Launch launch;
    private TlsAuthority authority;

    @BeforeEach
    void putCredentialsAndAnImageThere() throws IOException {
        launch = PageferryProcess.in(folder);
        GoldenImage.write(folder.resolve("an.img"));
        authority = TlsAuthority.create(pki, "authority");
        authority.writeTo(pki);
        authority.client("CN=client").toClient(pki);
        certify(FIRST);
    }

    @Test
    void shouldFinishWhatIsUnderWayAndShowItsNewCertificateToOthers() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            try (PageferryProcess sender = send(uri, "--max-bandwidth", "500k")) {
                Eventually.until("a guest under way", () -> logs(server, "migration began: ") == 1);
                sender.signal("STOP");
                assertEquals(FIRST, certificateAt(uri));
                certify(RENEWED);
                reload(server, "credentials read again");
                assertEquals(RENEWED, certificateAt(uri));
                assertEquals(0, logs(server, "migration ended: "));
                sender.signal("CONT");
                sender.awaitEnd().completed();
            }
            send(uri).awaitEnd().completed();
            Eventually.until("both guests", () -> logs(server, " status=completed ") == 2);
        }
    }

    @Test
    void shouldKeepItsCertificateWhenTheNewOneIsOfNoUse() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            Files.writeString(pki.resolve("server-cert.pem"), "no certificate");
            reload(server, "credentials must be usable, those before stay in use: ");
            List<String> said = server.process().stderr().lines();
            assertTrue(said.getLast().contains("server-cert.pem"), said.getLast());
            assertEquals(FIRST, certificateAt(uri));
            send(uri).awaitEnd().completed();
        }
    }

    private void certify(String name) {
        authority
                .sign("RSA", name, "-ext", "san=ip:127.0.0.1", "-ext", "eku=serverAuth")
                .toServer(pki);
    }

    private static void reload(PageferryProcess server, String answer) throws Exception {
        server.signal("HUP");
        Eventually.until("its reading", () -> logs(server, answer) == 1);
    }

    private String certificateAt(String uri) throws IOException {
        try (Connection connection = Connector.to(
                        MigrationUri.parse(uri),
                        TlsSecurity.ofClient(Optional.of(TlsSettings.of(pki)), MigrationUri.parse(uri)))
                .connect(new StallWatch(Duration.ofSeconds(30)), "client")) {
            return connection.identity().orElseThrow();
        }
    }

    private PageferryProcess serve() throws IOException {
        return launch.start("serve", "--listen", "tcp:127.0.0.1:0", "--store", "store", "--tls-creds", pki);
    }

    private PageferryProcess send(String uri, Object... more) throws IOException {
        return launch.start(Stream.concat(Stream.of("send", "an.img", uri, "--tls-creds", pki), Stream.of(more))
                .toArray());
    }

    private static long logs(PageferryProcess server, String text) {
        return server.process().stderr().lines().stream()
                .filter(line -> line.contains(text))
                .count();
    }
}
