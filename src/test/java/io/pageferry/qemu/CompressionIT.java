package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** QEMU's own {@code multifd/tcp/plain/zlib} and {@code zstd}, with Pageferry at either end. */
@RealQemu
@LeakFree
@Timeout(120)
class CompressionIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    /** With more effort than this QEMU sends less than the guest dirties, and would never be done. */
    private static final int FAST_ENOUGH = 3;

    @TempDir
    Path folder;

    /** A level other than the default is QEMU's when it sends, and ours when we do. */
    @ParameterizedTest(name = "QEMU {0}, {1}, level {2}, channels {3}")
    @CsvSource({
        "10.0, zlib, 1, 2",
        "10.0, zlib, 9, 4",
        "10.0, zstd, 1, 3",
        "10.0, zstd, 20, 1",
        "7.2, zlib, 1, 4",
        "7.2, zlib, 6, 1",
        "7.2, zstd, 1, 2",
        "7.2, zstd, 5, 8"
    })
    void shouldGoOnWhereItStoppedWhenPagesAreCompressed(String version, String method, int level, int channels)
            throws Exception {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(channels)
                .compression(MultifdCompression.valueOf(method.toUpperCase(Locale.ROOT)))
                .zlibLevel(Math.min(level, 9))
                .zstdLevel(level)
                .build();
        Path image = folder.resolve("image");
        receive(QemuVersion.of(version), method, level, image, parameters);
        send(QemuVersion.of(version), image, parameters);
    }

    private void receive(QemuVersion version, String method, int level, Path image, MigrationParameters parameters)
            throws Exception {
        try (Qemu source = Qemu.of(version, folder).guest(GUEST).start()) {
            GUEST.awaitRunning(source);
            if (level > FAST_ENOUGH) {
                source.stop();
            }
            source.set("multifd-" + method + "-level", level);
            CompressedMigration.receive(source, image, parameters);
            GUEST.requireConsistent(source.ram());
        }
    }

    private void send(QemuVersion version, Path image, MigrationParameters parameters) throws Exception {
        try (Qemu destination =
                Qemu.of(version, folder).guest(GUEST).incoming().paused().start()) {
            CompressedMigration.send(image, destination, parameters);
            GUEST.requireGoesOn(destination);
        }
    }

    /** The two ends are told different things: the one that finds out says what to set. */
    @ParameterizedTest(name = "QEMU {0} sends {1}, {2} is agreed")
    @CsvSource({"10.0, zstd, NONE", "10.0, none, ZSTD", "7.2, zlib, ZSTD"})
    void shouldRefuseMethodWhenItIsNotTheAgreedOne(String version, String sent, MultifdCompression agreed)
            throws Exception {
        MigrationParameters parameters =
                MigrationParameters.builder().compression(agreed).build();
        try (Qemu source = Qemu.of(QemuVersion.of(version), folder).guest(GUEST).start();
                Reception reception = Reception.start(folder.resolve("image"), parameters)) {
            GUEST.awaitRunning(source);
            source.enable("multifd").set("multifd-channels", 2).set("multifd-compression", sent);
            source.migrate(reception.uri());
            String line = reception.awaitFailed();
            assertTrue(
                    line.startsWith("packet's compression must be the agreed one, set multifd-compression as the"
                                    + " source has it:")
                            && line.contains(" compression=" + sent + " agreed=" + agreed.qemuName() + " "),
                    line);
        }
    }
}
