package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server with a small heap, and a guest that would fill a large one. */
@Timeout(180)
class SmallHeapIT {
    /** Not more than a description may be. */
    private static final int DESCRIPTION_BYTES = 15_000_000;

    /** Of another device, before RAM has ended: they are kept in memory. */
    private static final int SECTION_BYTES = 60_000_000;

    /** Of a device, behind RAM: they go to disk. */
    private static final int DEVICE_BYTES = 100 << 20;

    private static final int OTHER_SECTION = 9;
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "-Xmx64m, 1, LONG_SECTION, memory for a migration must be left",
        "-Xmx64m, 0.5, LONG_SECTION, memory for migrations of one host",
        "-Xmx256m, 0.75, LONG_DESCRIPTION, vmdescription must have 65536 devices at the most"
    })
    void shouldRefuseThatGuestAloneAndServeOn(String heap, String hostShare, Excess excess, String reason)
            throws Exception {
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
                    crowd.begin(excess.of(GuestSources.source(0)));
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

    /** However much of it there is, and however little memory. */
    @Test
    void shouldTakeAGuestWithMoreDeviceStateThanItsHeapHasRoomFor() throws Exception {
        try (PageferryProcess server = PageferryProcess.in(folder)
                .flags("-Xmx64m")
                .start("serve", "--listen=tcp:127.0.0.1:0", "--store=store", "--multifd-channels=" + Source.CHANNELS)) {
            MigrationUri uri = MigrationUri.parse(server.awaitListening());
            try (GuestSources crowd = new GuestSources(uri)) {
                crowd.release();
                crowd.begin(withDevice(GuestSources.source(0)));
                crowd.awaitClosed();
            }
            Eventually.until("a guest: " + server.process(), () -> images() == 1);
        }
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            Path path = files.filter(file -> file.toString().endsWith(".img"))
                    .findFirst()
                    .orElseThrow();
            try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
                image.deviceState().requireAsDescribed();
                assertTrue(image.deviceState().lengthBytes() > DEVICE_BYTES);
            }
        }
    }

    /** What there is too much of. */
    enum Excess {
        LONG_SECTION {
            @Override
            Source of(Source source) {
                return source.insert(
                        0,
                        GuestSources.shifted(Source.SETUP_SECTION),
                        new StreamBytes()
                                .u8(1)
                                .u32(OTHER_SECTION)
                                .name("pbs-state")
                                .u32(0)
                                .u32(1)
                                .u64(SECTION_BYTES)
                                .raw(new byte[SECTION_BYTES])
                                .u8(0x7e)
                                .u32(OTHER_SECTION)
                                .toBytes());
            }
        },
        LONG_DESCRIPTION {
            @Override
            Source of(Source source) {
                String json = "{\"devices\":[" + "{},".repeat(DESCRIPTION_BYTES / 3) + "{}]}";
                return withDeviceState(source, new StreamBytes(), json);
            }
        };

        abstract Source of(Source source);
    }

    private static Source withDevice(Source source) {
        StreamBytes section = new StreamBytes()
                .u8(4)
                .u32(OTHER_SECTION)
                .name("large")
                .u32(0)
                .u32(1)
                .raw(new byte[DEVICE_BYTES])
                .u8(0x7e)
                .u32(OTHER_SECTION);
        String json = "{\"devices\":[{\"name\":\"large\",\"instance_id\":0,\"version\":1,"
                + "\"fields\":[{\"name\":\"data\",\"size\":" + DEVICE_BYTES + ",\"type\":\"buffer\"}]}]}";
        return withDeviceState(source, section, json);
    }

    private static Source withDeviceState(Source source, StreamBytes sections, String json) {
        int end = GuestSources.shifted(Source.DEVICE_STATE);
        return source.cut(0, end)
                .insert(
                        0,
                        end,
                        sections.u8(0).u8(6).u32(json.length()).text(json).toBytes());
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
