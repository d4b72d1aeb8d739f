package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server that is watched over HTTP, out of the packaged jar. */
@Timeout(120)
class ServeHttpIT extends ServeScene {
    private static final String SECRET = "0123456789abcdef-secret";
    private static final String ANNOUNCED = "HTTP on ";

    @Test
    void shouldShowWhatHasComeInAndItsImage() throws Exception {
        Files.writeString(folder.resolve("token"), SECRET + "\n");
        try (PageferryProcess server = launch.start(
                        "serve",
                        "--listen",
                        "tcp:127.0.0.1:0",
                        "--store",
                        "store",
                        "--http",
                        "127.0.0.1:0",
                        "--http-token-file",
                        "token");
                HttpClient client = HttpClient.newHttpClient()) {
            String uri = server.awaitListening();
            URI http = awaitHttp(server);
            launch.run("send", "an.img", uri).completed();
            Eventually.until("its end", () -> status(client, http).equals("completed"));
            JsonNode images = get(client, http, "api/images");
            assertEquals(1, images.size());
            assertEquals("complete", images.path(0).path("state").asString());
            server.signal("TERM");
            assertEquals(0, server.awaitEnd().code());
        }
    }

    @Test
    void shouldTellWhoWasRefusedAfterARestartToo() throws Exception {
        String guest = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int start = 0; start < 2; start++) {
                try (PageferryProcess server = launch.start(
                        "serve",
                        "--listen",
                        "tcp:127.0.0.1:0",
                        "--store",
                        "store",
                        "--min-disk-free",
                        "1000000T",
                        "--http",
                        "127.0.0.1:0")) {
                    URI http = awaitHttp(server);
                    if (start == 0) {
                        launch.run("send", "--uuid", guest, "an.img", server.awaitListening())
                                .failed(1);
                        Eventually.until(
                                "a reason",
                                () -> server.process().stderr().text().contains("guest refused: "));
                    }
                    JsonNode refusal = get(client, http, "api/refusals").path(0);
                    assertEquals("store", refusal.path("reason").asString(), refusal.toString());
                    assertEquals(guest, refusal.path("uuid").asString());
                    assertTrue(refusal.path("peer").asString().startsWith("127.0.0.1:"), refusal.toString());
                    assertTrue(refusal.path("message").asString().contains("must have room on disk"));
                    assertFalse(refusal.path("time").asString().isEmpty());
                    server.signal("TERM");
                    assertEquals(0, server.awaitEnd().code());
                }
            }
        }
    }

    @Test
    void shouldRefuseToBeWatchedFromElsewhereInTheClear() throws Exception {
        Result end = launch.run("serve", "--listen", "tcp:127.0.0.1:0", "--store", "store", "--http", "0.0.0.0:0");
        assertEquals(2, end.code(), end.toString());
        assertTrue(
                end.stderr().contains("http must have http-token-file and http-tls-creds where it is not at loopback"),
                end.toString());
    }

    @Test
    void shouldShowItsNewCertificateWhenItIsToldToReadItAgain() throws Exception {
        TlsAuthority authority = TlsAuthority.create(output, "http");
        Path pki = Files.createDirectory(folder.resolve("pki"));
        authority.writeTo(pki);
        TlsAuthority.Identity first = authority.server("ip:127.0.0.1").toServer(pki);
        try (PageferryProcess server = launch.start(
                "serve",
                "--listen",
                "tcp:127.0.0.1:0",
                "--store",
                "store",
                "--http",
                "127.0.0.1:0",
                "--http-tls-creds",
                "pki")) {
            URI http = awaitHttp(server);
            assertArrayEquals(first.certificate(), ShownCertificate.at(http.getHost(), http.getPort()));
            Files.writeString(pki.resolve("server-cert.pem"), "nonsense");
            server.signal("HUP");
            Eventually.until(
                    "its refusal",
                    () -> server.process().stderr().text().contains("credentials must be usable, those before stay"));
            assertArrayEquals(first.certificate(), ShownCertificate.at(http.getHost(), http.getPort()));
            TlsAuthority.Identity second = authority.server("ip:127.0.0.1").toServer(pki);
            server.signal("HUP");
            Eventually.until(
                    "its reading", () -> server.process().stderr().text().contains("credentials read again"));
            assertArrayEquals(second.certificate(), ShownCertificate.at(http.getHost(), http.getPort()));
        }
    }

    @Test
    void shouldWantItsNewTokenWhenItIsToldToReadItAgain() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), SECRET + "\n");
        try (PageferryProcess server = launch.start(
                        "serve",
                        "--listen",
                        "tcp:127.0.0.1:0",
                        "--store",
                        "store",
                        "--http",
                        "127.0.0.1:0",
                        "--http-token-file",
                        "token");
                HttpClient client = HttpClient.newHttpClient()) {
            URI http = awaitHttp(server);
            Files.writeString(token, "short");
            server.signal("HUP");
            Eventually.until(
                    "its refusal",
                    () -> server.process().stderr().text().contains("credentials must be usable, those before stay"));
            assertEquals(200, imagesWith(client, http, SECRET));
            Files.writeString(token, "another-" + SECRET);
            server.signal("HUP");
            Eventually.until(
                    "its reading", () -> server.process().stderr().text().contains("credentials read again"));
            assertEquals(401, imagesWith(client, http, SECRET));
            assertEquals(200, imagesWith(client, http, "another-" + SECRET));
        }
    }

    private static int imagesWith(HttpClient client, URI http, String token) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(http.resolve("api/images"))
                .header("Authorization", "Bearer " + token)
                .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }

    private static URI awaitHttp(PageferryProcess server) {
        Eventually.until(ANNOUNCED, () -> announcement(server).isPresent());
        return announcement(server).orElseThrow();
    }

    private static Optional<URI> announcement(PageferryProcess server) {
        return server.process().stderr().lines().stream()
                .filter(line -> line.startsWith(ANNOUNCED))
                .map(line -> URI.create(line.substring(ANNOUNCED.length())))
                .findFirst();
    }

    private static String status(HttpClient client, URI http) throws IOException, InterruptedException {
        return get(client, http, "api/migrations").path(0).path("status").asString("");
    }

    private static JsonNode get(HttpClient client, URI http, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(http.resolve(path))
                .header("Authorization", "Bearer " + SECRET)
                .build();
        return JsonMapper.shared()
                .readTree(client.send(request, BodyHandlers.ofString()).body());
    }
}
