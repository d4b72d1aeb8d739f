package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** An image goes from one pageferry to another, and is the same there. */
@Timeout(120)
class TransferIT {
    private static final long GUEST_BYTES = 8_921_088;
    private static final int PAGES = 2178;
    private static final int PRESENT_PAGES = 121;

    @TempDir
    private Path folder;

    @TempDir
    private Path output;

    /** As pageferry writes it: QEMU puts more sections in between. */
    private byte[] image;

    private PageferryProcess.Launch launch;

    @BeforeEach
    void takeImageOfQemu() throws Exception {
        launch = PageferryProcess.in(output).directory(folder);
        GoldenImage.write(folder.resolve("golden.img"));
        Result copied = launch.run("receive", "file:golden.img", "an.img").completed();
        assertTrue(copied.stdout().startsWith("image          an.img, "), copied.stdout());
        image = Files.readAllBytes(folder.resolve("an.img"));
    }

    static Stream<Arguments> ways() {
        return Stream.of(
                Arguments.of("tcp:127.0.0.1:0", List.of()),
                Arguments.of("tcp:[::1]:0", List.of("--multifd-channels", "1")),
                Arguments.of("unix:a socket", List.of("--multifd-channels", "16")),
                Arguments.of("tcp:127.0.0.1:0", List.of("--direct-io")));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("ways")
    void shouldArriveAsItWasSent(String uri, List<String> options) throws Exception {
        try (PageferryProcess receiver = launch.start(with(options, "receive", uri, "arrived.img"))) {
            String listening = receiver.awaitListening();
            assertEquals(uri.replaceFirst(":0$", ""), listening.replaceFirst(":[1-9][0-9]*$", ""));
            launch.run(with(options, "send", "an.img", listening)).completed();
            receiver.awaitEnd().completed();
        }
        assertArrayEquals(image, Files.readAllBytes(folder.resolve("arrived.img")));
        assertEquals(Set.of("an.img", "an.img.json", "arrived.img", "arrived.img.json", "golden.img"), files());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "legacy", "multifd"})
    void shouldArriveAsItWasSentWhoeverLooksForZeroPages(String detection) throws Exception {
        try (PageferryProcess receiver = launch.start("receive", "unix:socket", "arrived.img")) {
            launch.run("send", "--zero-page-detection", detection, "an.img", receiver.awaitListening())
                    .completed();
            receiver.awaitEnd().completed();
        }
        assertArrayEquals(image, Files.readAllBytes(folder.resolve("arrived.img")));
    }

    @Test
    void shouldReplaceAnImageThatWasThereBefore() throws Exception {
        Files.writeString(folder.resolve("arrived.img"), "old");
        launch.run("send", "an.img", "file:arrived.img").completed();
        assertArrayEquals(image, Files.readAllBytes(folder.resolve("arrived.img")));
    }

    @Test
    void shouldTellScriptsHowItWent() throws Exception {
        try (PageferryProcess receiver = launch.start("receive", "--json", "tcp:127.0.0.1:0", "arrived.img")) {
            Result sent = launch.run("send", "--json", "an.img", receiver.awaitListening());
            shouldBeLikeQueryMigrate(sent.completed().json(), "an.img");
            assertTrue(sent.json().get("downtime").isIntegralNumber(), sent.stdout());

            JsonNode received = receiver.awaitEnd().completed().json();
            shouldBeLikeQueryMigrate(received, "arrived.img");
            assertFalse(received.has("downtime"), received.toString());
            assertEquals(
                    sent.json().at("/ram/multifd-bytes").asLong(),
                    received.at("/ram/multifd-bytes").asLong());
        }
    }

    private static void shouldBeLikeQueryMigrate(JsonNode json, String image) {
        assertEquals("completed", json.get("status").asString());
        assertFalse(json.has("error-desc"));
        assertEquals(image, json.get("image").asString());
        assertTrue(json.get("total-time").isIntegralNumber());
        assertTrue(json.get("setup-time").isIntegralNumber());
        JsonNode ram = json.get("ram");
        assertEquals(
                Set.of(
                        "transferred",
                        "remaining",
                        "total",
                        "duplicate",
                        "normal",
                        "normal-bytes",
                        "dirty-pages-rate",
                        "mbps",
                        "dirty-sync-count",
                        "postcopy-requests",
                        "page-size",
                        "multifd-bytes",
                        "pages-per-second",
                        "precopy-bytes",
                        "downtime-bytes",
                        "postcopy-bytes",
                        "dirty-sync-missed-zero-copy"),
                Set.copyOf(ram.propertyNames()));
        assertEquals(GUEST_BYTES, ram.get("total").asLong());
        assertEquals(0, ram.get("remaining").asLong());
        assertEquals(PRESENT_PAGES, ram.get("normal").asLong());
        assertEquals(PRESENT_PAGES * 4096L, ram.get("normal-bytes").asLong());
        assertEquals(PAGES - PRESENT_PAGES, ram.get("duplicate").asLong());
        assertEquals(4096, ram.get("page-size").asInt());
        assertTrue(ram.get("mbps").asDouble() > 0);
        long multifdBytes = 0;
        for (JsonNode channel : json.get("channels")) {
            multifdBytes += channel.get("multifd-bytes").asLong();
        }
        assertEquals(2, json.get("channels").size());
        assertEquals(ram.get("multifd-bytes").asLong(), multifdBytes);
        assertTrue(ram.get("transferred").asLong() > multifdBytes);
    }

    @Test
    void shouldTellPeopleHowItWent() throws Exception {
        try (PageferryProcess receiver = launch.start("receive", "tcp:127.0.0.1:0", "arrived.img")) {
            String uri = receiver.awaitListening();
            List<String> sent = labels(launch.run("send", "an.img", uri).completed());
            assertEquals(List.of("destination", "total time", "downtime", "transferred", "pages"), sent);
            Result received = receiver.awaitEnd().completed();
            assertEquals(List.of("image", "total time", "transferred", "pages"), labels(received));
            assertTrue(received.stdout().contains("of a guest of 8.51 MiB, "), received.stdout());
            assertTrue(received.stdout().contains(" 121 normal, 2057 zero\n"), received.stdout());
            assertEquals("listening on " + uri + "\n", received.stderr());
        }
    }

    @Test
    void shouldRefuseAnotherGuestThanTheOneThatIsExpected() throws Exception {
        String expected = "12345678-9abc-def0-1122-334455667788";
        try (PageferryProcess receiver =
                launch.start("receive", "--json", "--uuid", expected, "tcp:127.0.0.1:0", "arrived.img")) {
            launch.run("send", "an.img", receiver.awaitListening()).failed(1);
            String reason =
                    receiver.awaitEnd().failedWithJson(1).get("error-desc").asString();
            assertTrue(reason.contains("uuid"), reason);
        }
        assertEquals(Set.of("an.img", "an.img.json", "golden.img"), files());
    }

    @Test
    void shouldTakeTheGuestThatIsExpected() throws Exception {
        String uuid = "12345678-9abc-def0-1122-334455667788";
        try (PageferryProcess receiver = launch.start("receive", "--uuid", uuid, "tcp:127.0.0.1:0", "arrived.img")) {
            launch.run("send", "--uuid", uuid, "an.img", receiver.awaitListening())
                    .completed();
            receiver.awaitEnd().completed();
        }
    }

    @Test
    void shouldFailAtBothEndsWhenTheyDoNotAgreeOnChannels() throws Exception {
        try (PageferryProcess receiver = launch.start("receive", "--multifd-channels", 1, "unix:socket", "a.img")) {
            launch.run("send", "--json", "--multifd-channels", 3, "an.img", receiver.awaitListening())
                    .failedWithJson(1);
            receiver.awaitEnd().failed(1);
        }
        assertEquals(Set.of("an.img", "an.img.json", "golden.img"), files());
    }

    private static List<String> labels(Result result) {
        return result.stdout()
                .lines()
                .map(line -> line.substring(0, 14).strip())
                .toList();
    }

    private static Object[] with(List<String> options, String... arguments) {
        return Stream.concat(Stream.of(arguments), options.stream()).toArray();
    }

    private Set<String> files() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return new TreeSet<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }
}
