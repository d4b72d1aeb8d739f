package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guests whose streams have sections of their own before the end of RAM, there and back. */
@RealQemu
@LeakFree
@Timeout(120)
class OtherProcessorsIT {
    private static final MigrationParameters PARAMETERS = MigrationParameters.defaults();
    private static final int CONTENT_BYTES = 2 << 20;
    private static final long ADDRESS = 64 << 20;

    private enum Machine {
        PSERIES(QemuTarget.PPC64, "pseries", "spapr/htab"),
        S390X(QemuTarget.S390X, "s390-ccw-virtio", "s390-storage_attributes");

        private final QemuTarget target;
        private final String type;
        private final String section;

        Machine(QemuTarget target, String type, String section) {
            this.target = target;
            this.type = type;
            this.section = section;
        }
    }

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} multifd {1}")
    @CsvSource({"PSERIES, false", "PSERIES, true", "S390X, false", "S390X, true"})
    void shouldBringBackAGuest(Machine machine, boolean multifd) throws Exception {
        byte[] content = new byte[CONTENT_BYTES];
        new Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("content"), content);
        Path image = folder.resolve("image");
        try (Qemu source = of(machine)
                .with("-device", "loader,file=" + file + ",addr=" + ADDRESS + ",force-raw=on")
                .start()) {
            source.enable("return-path");
            PlainStreamIT.take(source, image, multifd);
        }
        PlainStreamIT.requireOtherSection(image, machine.section);
        Path saved = folder.resolve("saved");
        try (Qemu destination = of(machine).incoming().start()) {
            Replay.send(image, destination.listen(2), PARAMETERS);
            destination.awaitMigration("completed");
            destination
                    .qmp()
                    .execute("pmemsave", Map.of("val", ADDRESS, "size", CONTENT_BYTES, "filename", saved.toString()));
        }
        assertEquals(-1, Files.mismatch(file, saved));
    }

    private Qemu.Builder of(Machine machine) {
        return Qemu.of(QemuVersion.V10_0, folder)
                .target(machine.target)
                .machine(machine.type)
                .memory(256 << 20)
                .anonymousRam()
                .paused();
    }
}
