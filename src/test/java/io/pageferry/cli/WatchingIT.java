package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The packaged jar, watched from outside. */
@Timeout(90)
class WatchingIT {
    private static final Path SETTINGS = Path.of("src", "main", "resources", "pageferry.jfc");

    /** What to expect of the log: a line for each packet that was sent. */
    private static final String SENT = " multifd_send_fill channel ";

    @TempDir
    Path folder;

    @Test
    void shouldRecordEveryPacketWhenJvmIsToldToRecord() throws Exception {
        Path recording = folder.resolve("demo.jfr");
        Result result = demo(
                "-XX:StartFlightRecording:settings=" + SETTINGS.toAbsolutePath() + ",filename=" + recording,
                "-Xlog:jfr+startup=off");
        long recorded = RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals("io.pageferry.SendFill"))
                .count();
        assertEquals(packets(result.json()), recorded);
    }

    /** One that has migrated before, so that what is to be recorded is loaded already. */
    @Test
    void shouldRecordWhenProcessRunsAlready() throws Exception {
        GoldenImage.write(folder.resolve("an.img"));
        Path recording = folder.resolve("late.jfr");
        try (PageferryProcess server =
                PageferryProcess.in(folder).start("serve", "--listen", "tcp:127.0.0.1:0", "--store", "images")) {
            String uri = server.awaitListening();
            PageferryProcess.in(folder).run("send", "an.img", uri).completed();
            jcmd(server, "JFR.start");
            PageferryProcess.in(folder).run("send", "an.img", uri).completed();
            jcmd(server, "JFR.dump", "filename=" + recording);
        }
        List<String> states = RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals("io.pageferry.MigrationState"))
                .map(event -> event.getString("state"))
                .toList();
        assertTrue(states.contains("active") && states.contains("completed"), states::toString);
    }

    private void jcmd(PageferryProcess server, String... words) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(PageferryProcess.JAVA.resolveSibling("jcmd").toString()));
        command.add(String.valueOf(server.process().pid()));
        command.addAll(List.of(words));
        try (ChildProcess jcmd = ChildProcess.start("jcmd", folder, command)) {
            assertEquals(0, jcmd.awaitExit(), jcmd::toString);
        }
    }

    /** The property is given to a JVM that starts itself again, with its flags. */
    @Test
    void shouldLogEveryPacketWhenLevelIsTrace() throws Exception {
        Result result = demo("-Dpageferry.log=trace");
        assertEquals(
                packets(result.json()),
                result.stderr().lines().filter(line -> line.contains(SENT)).count());
    }

    @Test
    void shouldLogObjectsWhenFormatIsJson() throws Exception {
        Result result = demo("-Dpageferry.log=trace", "-Dpageferry.log.format=json");
        assertEquals(
                packets(result.json()),
                result.stderr()
                        .lines()
                        .map(line -> new JsonMapper().readTree(line))
                        .filter(line -> line.get("level").asString().equals("TRACE"))
                        .filter(line -> line.get("message").asString().contains(SENT))
                        .count());
    }

    @Test
    void shouldSayNothingButObjectsWhenFormatIsJson() throws Exception {
        PageferryProcess.Launch launch = PageferryProcess.in(folder).flags("-Dpageferry.log.format=json");
        List<JsonNode> lines = new ArrayList<>();
        try (PageferryProcess server =
                launch.start("serve", "--listen", "tcp:127.0.0.1:0", "--store", folder.resolve("store"))) {
            Eventually.until(
                    "its address", () -> server.process().stderr().text().contains("listening on tcp:"));
            server.signal("TERM");
            assertEquals(0, server.awaitEnd().code());
            server.process().stderr().lines().forEach(line -> lines.add(new JsonMapper().readTree(line)));
        }
        JsonNode opened = lines.stream()
                .filter(line -> line.get("message").asString().startsWith("store opened: "))
                .findFirst()
                .orElseThrow();
        assertEquals(0, opened.path("fields").path("images").asInt(-1));
        assertEquals(
                folder.resolve("store").toString(),
                opened.path("fields").path("store").asString());
        Result refused = launch.run("inspect", folder.resolve("missing.img"));
        assertEquals(1, refused.code());
        assertEquals(
                "ERROR",
                new JsonMapper().readTree(refused.stderr()).path("level").asString());
    }

    @Test
    void shouldLogNothingWhenNobodyAsks() throws Exception {
        assertEquals("", demo().stderr());
    }

    private Result demo(String... jvmFlags) throws Exception {
        Result result = PageferryProcess.in(folder).flags(jvmFlags).run("demo", "--size", "32M", "--json");
        assertEquals(0, result.code(), result::toString);
        return result;
    }

    private static long packets(JsonNode result) {
        long packets = 0;
        for (JsonNode channel : result.path("channels")) {
            packets += channel.path("packets").asLong();
        }
        assertTrue(packets > 0);
        return packets;
    }
}
