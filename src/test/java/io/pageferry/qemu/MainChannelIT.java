package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.testing.Eventually;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What both ends say to each other besides pages: QEMU's capabilities that change the main channel. */
@RealQemu
@Timeout(120)
class MainChannelIT {
    private static final MigrationParameters PARAMETERS = MigrationParameters.defaults();
    private static final UUID GUEST = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "machine {0}")
    @CsvSource({"pc-i440fx-10.0, false", "pc-i440fx-7.2, true"})
    void shouldLetSourceSwitchOverWhenItWaitsForThat(String machine, boolean asked) throws Exception {
        MigrationParameters.Builder parameters = MigrationParameters.builder();
        if (asked) {
            parameters.enable(MigrationCapability.SWITCHOVER_ACK);
        }
        DirtyingGuest guest = DirtyingGuest.counting();
        try (Qemu source =
                Qemu.of(QemuVersion.V10_0, folder).machine(machine).guest(guest).start()) {
            guest.awaitRunning(source);
            source.enable("return-path", "switchover-ack");
            Reception.take(source, folder.resolve("image"), parameters.build());
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldKeepUuidWithTheImageWhenTheSourceSaysIt(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = paused(version).with("-uuid", GUEST.toString()).start()) {
            source.enable("validate-uuid", "return-path");
            Reception.take(source, image, PARAMETERS);
        }
        assertEquals(Optional.of(GUEST), uuid(image));
        try (Qemu destination =
                paused(version).with("-uuid", GUEST.toString()).incoming().start()) {
            Replay.send(image, destination.enable("validate-uuid").listen(2), PARAMETERS);
            destination.awaitMigration("completed");
        }
    }

    @Test
    void shouldTellSourceThatItsGuestWasNotTakenWhenItIsNot() throws Exception {
        MigrationParameters small =
                MigrationParameters.builder().maxRam(1 << 20).build();
        try (Qemu source = paused(QemuVersion.V10_0).start();
                Reception reception = Reception.start(folder.resolve("image"), small)) {
            source.enable("multifd", "return-path").migrate(reception.uri());
            String line = reception.awaitFailed();
            assertTrue(line.startsWith("guest must not be larger than max-ram: "), line);
            Eventually.until(
                    "failure of " + source,
                    () -> source.queryMigrate().path("status").asString().equals("failed"));
        }
    }

    private Qemu.Builder paused(QemuVersion version) {
        return Qemu.of(version, folder).anonymousRam().paused();
    }

    private static Optional<UUID> uuid(Path path) throws Exception {
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
            return image.configuration().uuid();
        }
    }
}
