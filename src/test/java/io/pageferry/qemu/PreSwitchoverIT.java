package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source that its user has wait before it switches over, for much longer than a source may be silent elsewhere. */
@RealQemu
@Timeout(120)
class PreSwitchoverIT {
    private static final Duration STALL = Duration.ofSeconds(2);
    private static final MigrationParameters PARAMETERS =
            MigrationParameters.builder().stallTimeout(STALL).build();

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0}, multifd {1}")
    @CsvSource({"7.2, on", "10.0, on", "10.0, off", "11.1, on"})
    void shouldWaitForSourceThatPausesBeforeItSwitchesOver(String version, String multifd) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = pausing(QemuVersion.of(version), multifd.equals("on"));
                Reception reception = Reception.start(image, PARAMETERS)) {
            source.migrate(reception.uri());
            source.awaitMigration("pre-switchover");
            Eventually.until("pre-switchover here", () -> reception.status() == MigrationStatus.PRE_SWITCHOVER);
            Eventually.await("the pause to last")
                    .during(STALL.multipliedBy(2))
                    .until(() -> reception.status() == MigrationStatus.PRE_SWITCHOVER);
            source.qmp().execute("migrate-continue", Map.of("state", "pre-switchover"));
            source.awaitMigration("completed");
            reception.awaitCompleted();
        }
        ImageMemory.load(image).close();
    }

    /** Its kernel still acknowledges what is said to it. */
    @Test
    void shouldFailWhenSourceHangsInsteadOfPausing() throws Exception {
        try (Qemu source = pausing(QemuVersion.V10_0, true);
                Reception reception = Reception.start(folder.resolve("image"), PARAMETERS)) {
            source.migrate(reception.uri());
            source.awaitMigration("pre-switchover");
            Eventually.until("pre-switchover here", () -> reception.status() == MigrationStatus.PRE_SWITCHOVER);
            source.signal("STOP");
            String line = reception.awaitFailed();
            assertTrue(line.startsWith("peer must not be silent for longer than stall-timeout: main channel"), line);
            assertEquals(MigrationStatus.FAILED, reception.status());
        }
    }

    private Qemu pausing(QemuVersion version, boolean multifd) throws Exception {
        Qemu source = Qemu.of(version, folder).paused().start().enable("return-path", "pause-before-switchover");
        return multifd ? source.enable("multifd").set("multifd-channels", PARAMETERS.multifdChannels()) : source;
    }
}
