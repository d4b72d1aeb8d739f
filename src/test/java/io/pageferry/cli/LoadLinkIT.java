package io.pageferry.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.NetworkNamespaces;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Load tests over links of their own: what these do, and that nothing is left of them. */
@Timeout(120)
class LoadLinkIT {
    @TempDir
    private Path folder;

    @TempDir
    private Path output;

    private PageferryProcess.Launch launch;

    @BeforeEach
    void shouldBeAbleToMakeLinks() throws Exception {
        NetworkNamespaces.assumeLinks();
        // What is killed leaves files there.
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        launch = PageferryProcess.in(output).directory(folder).flags("-Djava.io.tmpdir=" + temporary);
    }

    @Test
    void shouldTakeAsLongAsTheRateAllows() throws Exception {
        JsonNode json = run("--json", "size = 4M", "link-rate = 16M", "warm-up = 0", "turns = 1", "tls = psk")
                .completed()
                .json();
        double milliseconds = json.at("/scenarios/tiny/completion").asDouble();
        assertTrue(milliseconds > 200, json.toString());
    }

    /** A guest goes over when the target has answered, and a migration has several such moments. */
    @Test
    void shouldTakeRoundTripsWhenThereIsLatency() throws Exception {
        assumeTrue(NetworkNamespaces.haveNetem(), "skipped: this machine's kernel has no netem");
        JsonNode json = run(
                        "--json", "size = 1M", "link-latency = 100ms", "link-loss = 0.001", "warm-up = 0", "turns = 1")
                .completed()
                .json();
        assertTrue(json.at("/scenarios/tiny/downtime").asDouble() >= 200, json.toString());
        assertTrue(json.at("/scenarios/tiny/completion").asDouble() >= 400, json.toString());
    }

    @Test
    void shouldFailBeforeTheFirstTurnWhenTheKernelHasNoNetem() throws Exception {
        assumeFalse(NetworkNamespaces.haveNetem(), "skipped: this machine's kernel has netem");
        Result result = run("size = 1M", "link-loss = 0, 0.001");
        String complaint = result.failed(1);
        assertTrue(complaint.startsWith("pageferry: load: link needs root, ip and tc"), complaint);
        assertTrue(complaint.endsWith("reason=\"Error: Specified qdisc kind is unknown.\""), complaint);
        assertFalse(result.stderr().contains("warm-up"), result.stderr());
        assertFalse(Files.exists(folder.resolve("reports")));
    }

    @Test
    void shouldLeaveNothingWhenItIsCancelledAtATerminal() throws Exception {
        PageferryProcess.Launch atTerminal = launch.wrapper("setsid");
        try (PageferryProcess process = start(atTerminal, "size = 16M", "link-rate = 1G", "max-bandwidth = 0, 1M")) {
            Set<String> namespaces = namespacesOnceUnderWay(process);
            // A terminal signals the whole group of its foreground process.
            new ProcessBuilder("kill", "-INT", "--", "-" + process.process().pid())
                    .start()
                    .waitFor();
            process.awaitEnd().cancelled(130, "load");
            awaitEmpty(namespaces);
        }
    }

    @Test
    void shouldLeaveNothingWhenItIsKilled() throws Exception {
        try (PageferryProcess process = start(launch, "size = 16M", "link-rate = 1G", "max-bandwidth = 0, 1M")) {
            Set<String> namespaces = namespacesOnceUnderWay(process);
            process.signal("KILL");
            awaitEmpty(namespaces);
        }
    }

    /** The second end of the link is the one that fails. */
    @Test
    void shouldLeaveNothingWhenALinkCannotBeMadeToItsEnd() throws Exception {
        Path record = folder.resolve("record");
        PageferryProcess.Launch failing = withTc(
                "readlink /proc/self/ns/net >> " + record,
                "[ $(wc -l < " + record + ") = 1 ] || { echo 'no more of that' >&2; exit 1; }");
        String complaint =
                failing.run("load", scenario("size = 1M", "link-rate = 1G")).failed(1);
        assertTrue(complaint.endsWith("reason=\"no more of that\""), complaint);
        List<String> namespaces = Files.readAllLines(record);
        assertEquals(2, namespaces.size());
        awaitEmpty(Set.copyOf(namespaces));
    }

    @Test
    void shouldLeaveNothingWhenItIsCancelledWhileALinkIsMade() throws Exception {
        Path record = folder.resolve("record");
        PageferryProcess.Launch hanging = withTc(
                "readlink /proc/self/ns/net > " + record + ".part",
                "mv " + record + ".part " + record,
                "exec sleep 1000");
        try (PageferryProcess process = start(hanging.wrapper("setsid"), "size = 1M", "link-rate = 1G")) {
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(record));
            process.signal("INT");
            process.awaitEnd().cancelled(130, "load");
            awaitEmpty(Set.copyOf(Files.readAllLines(record)));
        }
    }

    private Result run(String option, String... lines) throws Exception {
        return option.startsWith("--")
                ? launch.run("load", option, scenario(lines))
                : launch.run(
                        "load",
                        scenario(Stream.concat(Stream.of(option), Stream.of(lines))
                                .toArray(String[]::new)));
    }

    private PageferryProcess start(PageferryProcess.Launch how, String... lines) throws IOException {
        return how.start("load", scenario(lines));
    }

    private Path scenario(String... lines) throws IOException {
        return Files.writeString(folder.resolve("tiny.scenario"), String.join("\n", lines));
    }

    /** Has a tc of our own found first. */
    private PageferryProcess.Launch withTc(String... lines) throws IOException {
        List<String> script = new ArrayList<>(List.of("#!/bin/sh"));
        script.addAll(List.of(lines));
        Path programs = Files.createDirectory(folder.resolve("bin"));
        Path tc = Files.write(programs.resolve("tc"), script);
        Files.setPosixFilePermissions(tc, PosixFilePermissions.fromString("rwxr-xr-x"));
        return launch.environment(Map.of("PATH", programs + ":" + System.getenv("PATH")));
    }

    /** Those that its children are in: source's and target's. */
    private static Set<String> namespacesOnceUnderWay(PageferryProcess process) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> process.process().stderr().text().contains("warm-up"));
        Set<String> namespaces = ProcessHandle.of(process.process().pid()).stream()
                .flatMap(ProcessHandle::children)
                .map(child -> NetworkNamespaces.of(child.pid()))
                .collect(Collectors.toSet());
        assertEquals(2, namespaces.size(), namespaces.toString());
        assertFalse(
                namespaces.contains(NetworkNamespaces.of(ProcessHandle.current().pid())));
        return namespaces;
    }

    private static void awaitEmpty(Set<String> namespaces) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> namespaces.stream().allMatch(namespace -> NetworkNamespaces.processesIn(namespace) == 0));
    }
}
