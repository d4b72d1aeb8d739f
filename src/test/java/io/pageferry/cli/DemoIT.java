package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The first thing that anybody runs. */
@Timeout(120)
class DemoIT {
    private static final int PAGES = 16 * 256;

    /** More than any machine sends, so what it is does not depend on the machine. */
    private static final String TOO_FAST = "1T";

    @TempDir
    private Path folder;

    @Test
    void shouldShowPeopleHowItWent() throws Exception {
        Result result = PageferryProcess.in(folder)
                .run("demo", "--size", "16M", "--dirty-rate", "1M", "--zero-share", "0.5", "--multifd-channels", "3")
                .completed();
        List<String> lines = result.stdout().lines().toList();
        assertEquals("guest          16 MiB, dirties 1 MiB/s, zero share 0.5, compressibility 0.5", lines.getFirst());
        for (String label : List.of("total time", "downtime", "transferred", "pages", "rounds")) {
            assertTrue(lines.stream().anyMatch(line -> line.startsWith(label + " ")), label + " in " + result);
        }
        assertTrue(lines.contains("verified       " + PAGES + " pages, all as they were sent"), result.stdout());
        int channels = lines.indexOf("channel               bytes      packets           rate");
        for (int channel = 0; channel < 3; channel++) {
            String line = lines.get(channels + 1 + channel);
            assertTrue(line.matches(channel + " .* [KM]iB +\\d+ .*iB/s"), line);
        }
        int latencies =
                lines.indexOf("latency               count        p50        p90        p99      p99.9        max");
        assertEquals(
                List.of("hand-off", "packet write", "sync"),
                lines.subList(latencies + 1, latencies + 4).stream()
                        .map(line -> line.substring(0, 14).strip())
                        .toList());
        assertEquals("", result.stderr());
    }

    @Test
    void shouldTellScriptsHowItWent() throws Exception {
        JsonNode json = PageferryProcess.in(folder)
                .run("demo", "--size", "16M", "--dirty-rate", "1M", "--downtime-limit", "1234", "--json")
                .completed()
                .json();
        assertEquals("completed", json.get("status").asString());
        assertEquals(PAGES, json.get("verified-pages").asInt());
        assertEquals(1234, json.get("downtime-limit").asInt());
        assertTrue(json.get("downtime").isIntegralNumber());
        assertEquals(16 << 20, json.at("/ram/total").asInt());
        assertEquals(4, json.get("channels").size());
        JsonNode latencies = json.get("latencies-ns");
        assertEquals(Set.of("hand-off", "packet write", "sync"), Set.copyOf(latencies.propertyNames()));
        for (JsonNode latency : latencies) {
            assertTrue(latency.get("count").asLong() > 0, latency.toString());
            long least = 0;
            for (String percentile : List.of("p50", "p90", "p99", "p99.9", "max")) {
                assertTrue(latency.get(percentile).asLong() >= least, latency.toString());
                least = latency.get(percentile).asLong();
            }
            assertTrue(least > 0, latency.toString());
        }
    }

    @Test
    void shouldGiveItsVerdictWhenTheGuestDoesNotConverge() throws Exception {
        Result result = PageferryProcess.in(folder)
                .run(
                        "demo",
                        "--size",
                        "8M",
                        "--dirty-rate",
                        TOO_FAST,
                        "--zero-share",
                        "0",
                        "--max-bandwidth",
                        "8M",
                        "--downtime-limit",
                        "1",
                        "--json");
        JsonNode json = result.failedWithJson(1);
        String reason = json.get("error-desc").asString();
        assertTrue(
                reason.startsWith("guest must dirty less than is sent, it will not converge: rounds="),
                result.toString());
        assertTrue(reason.endsWith(" downtime-limit=1.00 ms"), reason);
        assertEquals(0, json.get("verified-pages").asInt());
    }

    @Test
    void shouldSwitchOverAtOnceWhenTheDowntimeLimitAllowsIt() throws Exception {
        JsonNode json = PageferryProcess.in(folder)
                .run(
                        "demo",
                        "--size",
                        "8M",
                        "--dirty-rate",
                        TOO_FAST,
                        "--max-bandwidth",
                        "64M",
                        "--downtime-limit",
                        "2000000",
                        "--json")
                .completed()
                .json();
        // The first round, and the last one with the guest stopped.
        assertEquals(2, json.at("/ram/dirty-sync-count").asInt());
    }

    @Test
    void shouldRedrawOneLineWhenStderrIsATerminal() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "skipped: no terminal to be had without 'script'");
        String command = "'" + PageferryProcess.JAVA + "' -jar '" + PageferryProcess.JAR
                + "' demo --size 16M --dirty-rate 0 --zero-share 0 --max-bandwidth 16M";
        List<String> script = List.of("script", "-qec", command, "/dev/null");
        try (ChildProcess terminal = ChildProcess.start("terminal", folder, folder, Map.of("TERM", "xterm"), script)) {
            assertEquals(0, terminal.awaitExit(), terminal.toString());
            String shown = terminal.stdout().text();
            String progress = shown.substring(0, shown.indexOf("guest "));
            assertFalse(progress.contains("\n"), shown);
            String[] redraws = progress.split("\r\033\\[K");
            assertTrue(redraws.length > 3, shown);
            assertTrue(
                    redraws[redraws.length / 2].matches(
                            "\033\\[\\?7lactive  .* of 16 MiB  .*/s  round 1  dirty pages left .*\033\\[\\?7h"),
                    redraws[redraws.length / 2]);
            assertTrue(progress.endsWith("\r\033[K"), shown);
        }
    }
}
