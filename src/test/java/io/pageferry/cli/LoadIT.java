package io.pageferry.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The load test as its users run it: processes of the packaged jar, files in a folder. */
@Timeout(120)
class LoadIT {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @TempDir
    private Path folder;

    @TempDir
    private Path output;

    private PageferryProcess.Launch launch;
    private Path temporary;

    @BeforeEach
    void makeAFolderForFilesOfARun() throws IOException {
        Files.createDirectory(folder.resolve("work"));
        temporary = Files.createDirectory(folder.resolve("tmp"));
        launch = PageferryProcess.in(output).directory(folder).flags("-Djava.io.tmpdir=" + temporary);
    }

    /** One guest, and four migrations that are due at once: whoever comes last has waited for the three before. */
    @Test
    void shouldReportAMatrixWithWaitingCounted() throws Exception {
        JsonNode said = run("--json", scenario("size = 2M", "target = pageferry, sink", "migrations = 4", "turns = 2"))
                .completed()
                .json();
        assertEquals("completed", said.get("status").asString());
        assertEquals(16, said.get("completed").asInt());
        assertEquals(0, said.get("failed").asInt());
        Path report = folder.resolve(said.get("report").asString());
        JsonNode json = MAPPER.readTree(Files.readAllBytes(report.resolve("report.json")));
        assertEquals(
                List.of("tiny+target=pageferry", "tiny+target=sink"),
                stream(json.get("variants"))
                        .map(variant -> variant.get("name").asString())
                        .toList());
        for (JsonNode variant : json.get("variants")) {
            shouldHaveMeasured(variant);
        }
        assertFalse(json.at("/environment/jdk").asString().isEmpty());
        assertEquals(
                Set.of("completion", "wait", "total-time", "setup", "downtime", "hand-off", "packet-write", "sync"),
                tags(report.resolve("tiny+target=sink.hlog")));
        assertTrue(Files.readString(report.resolve("tiny+target=pageferry-wait.hgrm"))
                .contains("Total count    =            8"));
        String page = Files.readString(report.resolve("index.html"));
        assertTrue(page.startsWith("<!DOCTYPE html>") && page.endsWith("</html>\n"), page);
        shouldHaveLeftNothing();
    }

    @Test
    void shouldTakeGuestsIntoFreshMemoryAndIntoThatOfGuestsThatHaveGone() throws Exception {
        Path both = scenario("size = 8M", "destination = memory, memory-warm", "migrations = 4", "turns = 2");
        JsonNode said = run("--json", both).completed().json();
        assertEquals("completed", said.get("status").asString());
        assertEquals(16, said.get("completed").asInt());
        shouldHaveLeftNothing();
    }

    private static void shouldHaveMeasured(JsonNode variant) {
        assertEquals(1, variant.get("warm-up").size());
        assertEquals(2, variant.get("turns").size());
        for (String metric : List.of("rate", "wire-rate", "completion", "completion-p99", "wire-share")) {
            assertTrue(variant.at("/metrics/" + metric + "/median").asDouble() > 0, metric + " in " + variant);
        }
        JsonNode latencies = variant.get("latencies");
        assertEquals(8, latencies.at("/completion/count").asInt());
        // Three migrations went before the last one, none of them faster than the fastest.
        assertTrue(
                latencies.at("/wait/max").asLong()
                        >= latencies.at("/total-time/p50").asLong(),
                variant.toString());
        assertTrue(latencies.at("/completion/max").asLong()
                >= latencies.at("/wait/max").asLong());
        for (JsonNode turn : variant.get("turns")) {
            assertEquals(4, turn.get("completed").asInt());
            assertEquals(2, turn.get("channel-rates").size());
            assertEquals(512, turn.at("/rounds/0/pages").asInt());
        }
    }

    @Test
    void shouldFailAndReportWhenMigrationsFail() throws Exception {
        Result result = run(
                "--json",
                scenario(
                        "size = 1M",
                        "dirty-rate = 1T",
                        "max-bandwidth = 4M",
                        "downtime-limit = 1ms",
                        "warm-up = 0",
                        "turns = 1"));
        JsonNode json = result.failedWithJson(1);
        assertEquals(1, json.get("failed").asInt());
        String reason = json.get("error-desc").asString();
        assertTrue(reason.startsWith("migrations must complete: failed=1 completed=0 report="), reason);
        assertTrue(reason.contains("it will not converge"), reason);
        Path report = folder.resolve(json.get("report").asString());
        assertTrue(
                Files.readString(report.resolve("index.html")).contains("1 migration failed: guest must dirty less"));
        shouldHaveLeftNothing();
    }

    @Test
    void shouldSayWhatHasChangedBetweenReports() throws Exception {
        Path before = report(run("--json", scenario("size = 1M", "warm-up = 0", "turns = 4", "target = sink")));
        Path after = Files.createDirectory(folder.resolve("after"));
        Files.writeString(
                after.resolve("report.json"),
                Files.readString(before.resolve("report.json")).replace("\"size\" : \"1M\"", "\"size\" : \"2M\""));
        JsonNode json = launch.run("load", "--compare", before, after, "--json")
                .completed()
                .json();
        assertTrue(
                stream(json.get("notes")).anyMatch(note -> note.asString().equals("tiny size differs: 1M -> 2M")),
                json.toString());
        assertEquals(
                Set.of("SAME"),
                stream(json.get("metrics"))
                        .filter(row -> row.get("metric").asString().equals("rounds"))
                        .map(row -> row.get("verdict").asString())
                        .collect(Collectors.toSet()));
        List<String> lines = launch.run("load", "--compare", before, after)
                .completed()
                .stdout()
                .lines()
                .toList();
        assertTrue(lines.getFirst().startsWith("metric "), lines.toString());
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("  rate +[0-9.e+-]+ +[0-9.e+-]+ GB/s .*")),
                lines.toString());
    }

    @Test
    void shouldLeaveNothingWhenItIsCancelledAtATerminal() throws Exception {
        Path slow = scenario("size = 16M", "max-bandwidth = 0, 1M");
        try (PageferryProcess process = launch.wrapper("setsid").start("load", "--work", "work", slow)) {
            long pid = process.process().pid();
            // The one without a limit is through, and the other under way.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> process.process().stderr().text().contains("warm-up"));
            List<ProcessHandle> workers = children(pid);
            // A terminal signals the whole group of its foreground process.
            assertEquals(
                    0,
                    new ProcessBuilder("kill", "-INT", "--", "-" + pid).start().waitFor());
            process.awaitEnd().cancelled(130, "load");
            await().atMost(Duration.ofSeconds(10)).until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
        }
        shouldHaveLeftNothing();
        assertFalse(Files.exists(folder.resolve("reports")));
    }

    @Test
    void shouldEndItsWorkersWhenItIsKilled() throws Exception {
        Path slow = scenario("size = 16M", "max-bandwidth = 1M", "target = pageferry");
        try (PageferryProcess process = launch.start("load", "--work", "work", slow)) {
            long pid = process.process().pid();
            await().atMost(Duration.ofSeconds(60)).until(() -> children(pid).size() == 2);
            List<ProcessHandle> workers = children(pid);
            process.signal("KILL");
            await().atMost(Duration.ofSeconds(20)).until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void shouldEndInOrderWhenAWorkerIsKilled() throws Exception {
        Path slow = scenario("size = 16M", "max-bandwidth = 0, 1M", "target = sink");
        try (PageferryProcess process = launch.start("load", "--work", "work", slow)) {
            // The one without a limit is through, and the other under way.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> process.process().stderr().text().contains("warm-up"));
            List<ProcessHandle> workers = children(process.process().pid());
            assertEquals(2, workers.size());
            workers.getFirst().destroyForcibly();
            String complaint = process.awaitEnd().failed(1);
            assertTrue(complaint.startsWith("pageferry: load: load worker must do its job: worker="), complaint);
            assertTrue(workers.stream().noneMatch(ProcessHandle::isAlive));
        }
        shouldHaveLeftNothing();
    }

    @Test
    void shouldRefuseWhatItCannotRun() throws Exception {
        assertEquals(
                "pageferry: load: scenario must be given: one file or more, such as perf/scenarios/quick.scenario (see"
                        + " --help)",
                launch.run("load").failed(2));
        Path tiny = scenario("size = 1M");
        assertEquals(
                "pageferry: load: turns: must be 1 to 10000: value=0 scenario=" + tiny + " (see --help)",
                launch.run("load", tiny, "--set", "turns=0").failed(2));
        assertEquals(
                "pageferry: load: target qemu must be given: --qemu PATH: scenario=tiny (see --help)",
                run(tiny, "--set", "target=qemu").failed(2));
        assertEquals(
                "pageferry: load: report must go into a folder that can be written: folder=/proc/version/reports",
                launch.run("load", tiny, "--report", "/proc/version/reports").failed(1));
        assertEquals(
                "pageferry: load: images must go into a folder that is there and can be written: folder=nowhere",
                launch.run("load", tiny, "--work", "nowhere").failed(1));
        assertEquals(
                "pageferry: load: target qemu must be a program: --qemu=/nowhere/qemu (see --help)",
                run(tiny, "--set", "target=pageferry,qemu", "--qemu", "/nowhere/qemu")
                        .failed(2));
        assertEquals(
                "pageferry: load: --set must be with SETTING=VALUE: value=turns scenario=" + tiny + " (see --help)",
                launch.run("load", tiny, "--set", "turns").failed(2));
        assertEquals(
                "pageferry: load: --compare must be with two reports: reports=[a, b, c, d] (see --help)",
                launch.run("load", "--compare", "a", "b", "--compare", "c", "d").failed(2));
        assertEquals(
                "pageferry: load: link-latency, link-loss and link-rate must be left out where there is a link:"
                        + " sink=tcp:127.0.0.1:1 (see --help)",
                launch.run("load", "--like", "tcp:127.0.0.1:1", "--set", "link-rate=1M")
                        .failed(2));
        String tooLarge = run(tiny, "--set", "size=1P").failed(1);
        assertTrue(tooLarge.startsWith("pageferry: load: memory must suffice for guests"), tooLarge);
    }

    private Result run(Object... arguments) throws Exception {
        List<Object> all = new ArrayList<>(List.of("load", "--work", "work"));
        all.addAll(List.of(arguments));
        return launch.run(all.toArray());
    }

    private Path report(Result result) {
        return folder.resolve(result.completed().json().get("report").asString());
    }

    private Path scenario(String... lines) throws IOException {
        return Files.writeString(folder.resolve("tiny.scenario"), String.join("\n", lines));
    }

    private static List<ProcessHandle> children(long pid) {
        return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).toList();
    }

    private void shouldHaveLeftNothing() throws IOException {
        for (Path used : List.of(folder.resolve("work"), temporary)) {
            try (Stream<Path> left = Files.list(used)) {
                assertEquals(
                        List.of(),
                        left.filter(path -> !path.getFileName().toString().startsWith("hsperfdata"))
                                .toList());
            }
        }
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        List<JsonNode> nodes = new ArrayList<>();
        array.forEach(nodes::add);
        return nodes.stream();
    }

    private static Set<String> tags(Path log) throws IOException {
        Set<String> tags = new TreeSet<>();
        HistogramLogReader reader = new HistogramLogReader(log.toString());
        for (EncodableHistogram next = reader.nextIntervalHistogram();
                next != null;
                next = reader.nextIntervalHistogram()) {
            tags.add(next.getTag());
        }
        return tags;
    }
}
