package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import io.pageferry.testing.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Forecasts beside what then happened, where a limit on bandwidth decides and not the mood of the machine. */
@RealQemu
@Timeout(180)
class RehearsalIT {
    private static final long MEMORY_BYTES = 32L << 20;
    private static final double MAX_ERROR_PERCENT = 20;

    @TempDir
    Path folder;

    @Slow
    @Test
    void shouldForetellTheTimeOfAGuestThatQemuSavedWhenBandwidthIsLimited() throws Exception {
        Path image = saveRandomGuest();
        JsonNode said = rehearse(
                        image,
                        "multifd-channels=2",
                        "multifd-compression=none,zstd",
                        "max-bandwidth=20M",
                        "dirty-rate=1M")
                .completed()
                .json();
        JsonNode best = requireForetold(said, "max-bandwidth");
        // All but firmware's and the screen's memory is random.
        double random = said.at("/guest/size").asDouble()
                * (1 - said.at("/guest/zero-share").asDouble());
        assertEquals(MEMORY_BYTES, random, MEMORY_BYTES * 0.1);
        assertEquals(1, said.at("/guest/wire-share/zstd-1").asDouble(), 0.05);
        assertTrue(best.at("/forecast/transferred").asDouble() > random, best.toString());
        assertEquals(said.get("best").asString(), best.get("name").asString());
        assertEquals(2, said.get("settings").size());
        shouldHaveReported(said, image);
    }

    private void shouldHaveReported(JsonNode said, Path image) throws Exception {
        Path report = Path.of(said.get("report").asString());
        JsonNode json = JsonMapper.builder().build().readTree(Files.readAllBytes(report.resolve("rehearsal.json")));
        assertEquals(image.toString(), json.get("image").asString());
        assertEquals(said.get("best").asString(), json.at("/rows/0/name").asString());
        String page = Files.readString(report.resolve("index.html"));
        assertTrue(page.contains("<h2>Rehearsal</h2>"), page);
        assertTrue(page.contains(said.get("reason").asString()), page);
    }

    @Test
    void shouldForetellOverTheLinkToASink() throws Exception {
        try (PageferryProcess sink = PageferryProcess.in(folder).start("load", "--sink", "tcp:127.0.0.1:0")) {
            JsonNode said = rehearse(
                            sink.awaitListening(),
                            "size=48M", // what is under way is not yet limited: some batches a channel
                            "multifd-channels=3",
                            "multifd-compression=zstd",
                            "compressibility=0.5",
                            "max-bandwidth=10M")
                    .completed()
                    .json();
            JsonNode best = requireForetold(said, "max-bandwidth");
            assertEquals(24 << 20, best.at("/measured/transferred").asDouble(), 2 << 20);
        }
    }

    /** The limit is nobody's setting, but the link's own: it must have been measured. */
    @Slow
    @Test
    void shouldForetellOverALinkOfALimitedRate() throws Exception {
        Result result = rehearse(null, "size=32M", "multifd-channels=2", "multifd-compression=none", "link-rate=20M");
        assumeTrue(
                result.code() == 0 || !result.stderr().contains("load: link "),
                () -> "links can be made here: " + result.stderr());
        requireForetold(result.completed().json(), "link");
    }

    @Slow
    @Test
    void shouldSayThatNothingConvergesAndRunNothing() throws Exception {
        JsonNode said = rehearse(
                        null,
                        "size=16M",
                        "multifd-channels=1",
                        "multifd-compression=none",
                        "max-bandwidth=10M",
                        "dirty-rate=100M",
                        "downtime-limit=10ms")
                .completed()
                .json();
        assertTrue(said.get("best").isNull(), said.toString());
        assertEquals(false, said.at("/settings/0/forecast/converges").asBoolean());
        assertTrue(said.at("/settings/0/measured").isMissingNode(), said.toString());
    }

    @Test
    void shouldRefuseARealQemuAtTheEndOfTheLink() throws Exception {
        try (Qemu qemu = Qemu.of(QemuVersion.V10_0, folder).incoming().start()) {
            Result result = rehearse(qemu.listen(2), "size=16M", "multifd-channels=2");
            JsonNode json = result.failedWithJson(1);
            String reason = json.get("error-desc").asString();
            assertTrue(reason.startsWith("link must have at its other end what pageferry load --sink starts"), reason);
        }
    }

    private Result rehearse(Object like, String... settings) throws Exception {
        List<Object> arguments = new ArrayList<>(List.of("load", "--json", "--work", folder, "--report", folder));
        // Without either it would be a load test: an empty guest on a link of this machine's.
        arguments.addAll(like == null ? List.of("--rehearse") : List.of("--like", like));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        arguments.addAll(List.of("--set", "turns=1"));
        return PageferryProcess.in(folder).run(arguments.toArray());
    }

    private static JsonNode requireForetold(JsonNode said, String limit) {
        JsonNode best = said.at("/settings/0");
        assertEquals(limit, best.at("/forecast/limit").asString(), said.toString());
        assertEquals(0, best.at("/measured/failed").asInt(), said.toString());
        assertTrue(best.at("/measured/total-time").asDouble() > 500, said.toString());
        double error = best.get("total-time-error-percent").asDouble();
        assertTrue(Math.abs(error) <= MAX_ERROR_PERCENT, said.toString());
        return best;
    }

    private Path saveRandomGuest() throws Exception {
        Path image = folder.resolve("guest.image");
        RandomGuest guest = new RandomGuest(MEMORY_BYTES);
        try (Qemu source = Qemu.of(QemuVersion.V10_0, folder)
                .memory(MEMORY_BYTES)
                .guest(guest)
                .start()) {
            guest.awaitRunning(source);
            source.enable("multifd", "mapped-ram").migrate("file:" + image);
            source.awaitMigration("completed");
        }
        return image;
    }
}
