package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.StreamBytes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server with a small heap, and a guest that would fill a large one. */
@Timeout(180)
class SmallHeapIT {
    private static final int DESCRIPTION_BYTES = 60_000_000;
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "-Xmx64m, 1, memory for a migration must be left",
        "-Xmx64m, 0.5, memory for migrations of one host",
        "-Xmx256m, 0.75, vmdescription must have 65536 devices at the most"
    })
    void shouldRefuseThatGuestAloneAndServeOn(String heap, String hostShare, String reason) throws Exception {
        try (PageferryProcess server = PageferryProcess.in(folder)
                        .flags(heap)
                        .start(
                                "serve",
                                "--listen=tcp:127.0.0.1:0",
                                "--store=store",
                                "--multifd-channels=" + Source.CHANNELS,
                                "--host-share=" + hostShare,
                                "--http=127.0.0.1:0");
                HttpClient client = HttpClient.newHttpClient()) {
            MigrationUri uri = MigrationUri.parse(server.awaitListening());
            for (int round = 0; round < 3; round++) {
                try (GuestSources crowd = new GuestSources(uri)) {
                    crowd.release();
                    crowd.begin(withLongDescription(GuestSources.source(0)));
                    crowd.awaitClosed();
                }
                long refused = round + 1;
                Eventually.until("reason: " + server.process(), () -> lines(server, reason) == refused);
                try (GuestSources crowd = new GuestSources(uri)) {
                    crowd.release();
                    crowd.begin(GuestSources.source(1 + round));
                    crowd.awaitClosed();
                }
            }
            Eventually.until("three guests: " + server.process(), () -> images() == 3);
            String metrics = get(client, http(server).resolve("/metrics"));
            assertTrue(metrics.contains("pageferry_faults_total{place=\"migration\"} 0.0\n"), metrics);
            assertTrue(metrics.contains("pageferry_memory_taken_bytes{kind=\"heap\"} 0.0\n"), metrics);
            assertEquals(0, lines(server, "OutOfMemoryError"), server.process()::toString);
            assertTrue(server.process().isAlive());
        }
    }

    private static Source withLongDescription(Source source) {
        String json = "{\"devices\":[" + "{},".repeat(DESCRIPTION_BYTES / 3) + "{}]}";
        int end = GuestSources.shifted(Source.DEVICE_STATE);
        return source.cut(0, end)
                .insert(
                        0,
                        end,
                        new StreamBytes()
                                .u8(0)
                                .u8(6)
                                .u32(json.length())
                                .text(json)
                                .toBytes());
    }

    private static long lines(PageferryProcess server, String part) {
        return server.process().stderr().lines().stream()
                .filter(line -> line.contains(part))
                .count();
    }

    private static URI http(PageferryProcess server) {
        return server.process().stderr().lines().stream()
                .filter(line -> line.startsWith("HTTP on "))
                .map(line -> URI.create(line.substring("HTTP on ".length())))
                .findFirst()
                .orElseThrow();
    }

    private static String get(HttpClient client, URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).timeout(LONG).build(), BodyHandlers.ofString())
                .body();
    }

    private long images() throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            return files.filter(file -> file.toString().endsWith(".img"))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .count();
        }
    }
}
