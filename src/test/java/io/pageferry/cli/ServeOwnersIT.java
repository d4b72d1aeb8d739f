package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.QmpLines;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two hosts with certificates of their own, one of which sends guests with the uuid of the other one's: as commands,
 * against a server that keeps one image of each.
 */
@Timeout(180)
class ServeOwnersIT {
    private static final String GUEST = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";
    private static final String VICTIM = "CN=victim";
    private static final String ATTACKER = "CN=attacker";

    @TempDir
    private Path folder;

    private PageferryProcess.Launch launch;
    private Path serversPki;

    @BeforeEach
    void putCredentialsAndAnImageThere() throws IOException {
        launch = PageferryProcess.in(folder);
        GoldenImage.write(folder.resolve("an.img"));
        TlsAuthority authority = TlsAuthority.create(folder, "authority");
        serversPki = pki("server");
        authority.writeTo(serversPki);
        authority.server("ip:127.0.0.1").toServer(serversPki);
        for (String client : List.of(VICTIM, ATTACKER)) {
            Path pki = pki(client);
            authority.writeTo(pki);
            authority.client(client).toClient(pki);
        }
    }

    @Test
    void shouldKeepAVictimsOnlyImageWhenAnotherHostSendsAGuestWithItsUuid() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            send(uri, VICTIM);
            String victims = images(server, 1).getFirst();
            send(uri, ATTACKER);
            send(uri, ATTACKER);
            Eventually.until("the attacker's first image removed", () -> logs(server, "image removed: ") == 1);
            assertTrue(Files.exists(Path.of(victims)), victims);

            try (QmpLines client = QmpLines.negotiated(folder.resolve("qmp"))) {
                JsonNode images = client.obey("x-query-images", "{}");
                assertEquals(
                        List.of(ATTACKER, VICTIM),
                        images.valueStream()
                                .map(image -> image.path("owner").asString())
                                .sorted()
                                .toList());
                shouldSendWhatIsAskedForByUuid(client);
                shouldFindWhatIsAskedForByUuid();
            }
            server.signal("TERM");
            assertEquals(ExitCode.COMPLETED, server.awaitEnd().code());
        }
    }

    private void shouldFindWhatIsAskedForByUuid() throws Exception {
        String line =
                launch.run("send", "--store", "store", GUEST, "file:copy.img").failed(ExitCode.FAILED);
        assertTrue(line.contains("guest must be of one owner, say which one is meant: uuid=" + GUEST), line);
        launch.run("send", "--store", "store", "--owner", VICTIM, GUEST, "file:copy.img")
                .completed();
        assertTrue(Files.exists(folder.resolve("copy.img")));
        launch.run("send", "--owner", VICTIM, "an.img", "file:copy.img").failed(ExitCode.USAGE);
    }

    private void shouldSendWhatIsAskedForByUuid(QmpLines client) throws Exception {
        client.obey(
                "migrate-set-capabilities",
                "{'capabilities': [{'capability': 'multifd', 'state': true}]}".replace('\'', '"'));
        client.obey("migrate-set-parameters", "{\"x-image\": \"" + GUEST + "\"}");
        JsonNode refusal = client.execute("migrate", "{\"uri\": \"tcp:127.0.0.1:1\"}");
        String reason = refusal.path("error").path("desc").asString();
        assertTrue(reason.startsWith("guest must be of one owner, say which one is meant: uuid=" + GUEST), reason);

        client.obey("migrate-set-parameters", "{\"x-owner\": \"" + VICTIM + "\"}");
        try (PageferryProcess receiver = launch.start("receive", "tcp:127.0.0.1:0", "arrived.img")) {
            client.obey("migrate", "{\"uri\": \"" + receiver.awaitListening() + "\"}");
            receiver.awaitEnd().completed();
        }
        String facts = Files.readString(folder.resolve("arrived.img.json"));
        assertTrue(facts.contains(GUEST), facts);
    }

    @Test
    void shouldTakeARenewedCertificateForTheSameOwnerWhenTold() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            send(uri, VICTIM);
            send(uri, ATTACKER);
            images(server, 2);
            server.signal("TERM");
            assertEquals(ExitCode.COMPLETED, server.awaitEnd().code());
        }
        try (PageferryProcess server = serve("--adopt", VICTIM, ATTACKER)) {
            server.awaitListening();
            assertEquals(1, logs(server, "images adopted: from=\"" + VICTIM + "\" to=\"" + ATTACKER + "\" images=1"));
            Eventually.until("one too many removed", () -> logs(server, "image removed: ") == 1);
        }
    }

    @Test
    void shouldKeepAllImagesOfGuestsWithoutUuidAndRemoveOneWhenTold() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            for (int i = 0; i < 2; i++) {
                sendAs(uri, VICTIM);
            }
            String image = images(server, 2).getFirst();
            try (QmpLines client = QmpLines.negotiated(folder.resolve("qmp"))) {
                client.obey(
                        "x-remove-image",
                        "{\"image\": \"" + folder.resolve("store").relativize(Path.of(image)) + "\"}");
                assertEquals(1, client.obey("x-query-images", "{}").size());
            }
            images(server, 1);
            String user = System.getProperty("user.name");
            assertEquals(1, logs(server, "via=qmp peer=unix identity=\"" + user + "\""), "who has had it removed");
        }
    }

    @Test
    void shouldRefuseAnOwnerThatCanBeNobodys() throws Exception {
        String line = launch.run("serve", "--listen", "tcp:127.0.0.1:0", "--store", "store", "--adopt", "", VICTIM)
                .failed(ExitCode.USAGE);
        assertTrue(line.contains("--adopt: owner's name must have 1 to "), line);
    }

    private Path pki(String name) throws IOException {
        return Files.createDirectories(folder.resolve("pki-" + name));
    }

    private PageferryProcess serve(String... more) throws IOException {
        return launch.start(Stream.concat(
                        Stream.of(
                                "serve",
                                "--listen",
                                "tcp:127.0.0.1:0",
                                "--store",
                                "store",
                                "--keep",
                                "1",
                                "--qmp",
                                "unix:qmp",
                                "--tls-creds",
                                serversPki),
                        Stream.of(more))
                .toArray());
    }

    private void send(String uri, String who) throws Exception {
        sendAs(uri, who, "--uuid", UUID.fromString(GUEST).toString());
    }

    private void sendAs(String uri, String who, String... more) throws Exception {
        launch.run(Stream.concat(Stream.of("send", "an.img", uri, "--tls-creds", "pki-" + who), Stream.of(more))
                        .toArray())
                .completed();
    }

    private List<String> images(PageferryProcess server, int expected) {
        List<String> found = new ArrayList<>();
        Eventually.until(expected + " images", () -> {
            found.clear();
            try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
                files.map(Path::toString).filter(name -> name.endsWith(".img")).forEach(found::add);
            }
            return found.size() == expected;
        });
        return found;
    }

    private static long logs(PageferryProcess server, String text) {
        return server.process().stderr().lines().stream()
                .filter(line -> line.contains(text))
                .count();
    }
}
