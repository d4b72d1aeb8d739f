package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A synthetic guest goes into a real QEMU, as the load test has it. */
@RealQemu
@Timeout(120)
class LoadTargetIT {
    @TempDir
    private Path folder;

    @Test
    void shouldSendLiveGuestsIntoRealQemusBesidePageferry() throws Exception {
        Path scenario = Files.writeString(folder.resolve("targets.scenario"), """
                target = pageferry, qemu
                size = 8M
                dirty-rate = 2M
                zero-share = 0.3
                migrations = 2
                multifd-channels = 3
                multifd-compression = zstd
                tls = psk
                warm-up = 0
                turns = 1
                """);
        Path qemu = QemuInstallation.command(QemuVersion.V11_1, QemuTarget.X86_64);
        JsonNode json = PageferryProcess.in(folder)
                .run("load", scenario, "--qemu", qemu, "--work", folder, "--report", folder.resolve("r"), "--json")
                .completed()
                .json();
        assertEquals(4, json.get("completed").asInt());
        assertTrue(json.at("/scenarios/targets+target=qemu/rate").asDouble() > 0, json.toString());
    }
}
