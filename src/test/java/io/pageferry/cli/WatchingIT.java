package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.qemu.PageferryCommand;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

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
        JsonNode result = demo(List.of(
                "--enable-preview",
                "-XX:StartFlightRecording:settings=" + SETTINGS.toAbsolutePath() + ",filename=" + recording,
                "-Xlog:jfr+startup=off"));
        long recorded = RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals("io.pageferry.SendFill"))
                .count();
        assertEquals(packets(result), recorded);
    }

    /** The property is given to a JVM that starts itself again, with its flags. */
    @Test
    void shouldLogEveryPacketWhenLevelIsTrace() throws Exception {
        try (PageferryCommand demo = start(List.of("-Dpageferry.log=trace"))) {
            long packets = packets(demo.awaitCompletedForJson());
            assertEquals(
                    packets,
                    demo.stderr().lines().stream()
                            .filter(line -> line.contains(SENT))
                            .count());
        }
    }

    @Test
    void shouldLogNoPacketWhenNobodyAsks() throws Exception {
        try (PageferryCommand demo = start(List.of())) {
            demo.awaitCompletedForJson();
            assertEquals("", demo.stderr().text());
        }
    }

    private JsonNode demo(List<String> jvmFlags) throws Exception {
        try (PageferryCommand demo = start(jvmFlags)) {
            return demo.awaitCompletedForJson();
        }
    }

    private PageferryCommand start(List<String> jvmFlags) throws Exception {
        return PageferryCommand.startWith(jvmFlags, folder, "demo", "--size", "32M", "--json");
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
