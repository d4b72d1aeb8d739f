package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.testing.Eventually;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * A guest whose RAM is in a file that its next QEMU has too, as when a QEMU is replaced on the same host: all but that
 * RAM migrates.
 */
@RealQemu
@Timeout(120)
class IgnoreSharedIT {
    private static final MigrationParameters PARAMETERS = MigrationParameters.builder()
            .enable(MigrationCapability.X_IGNORE_SHARED)
            .build();
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final long RAM_BYTES = 64L << 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EachQemu
    void shouldBringGuestBackToTheRamThatItLeftBehind(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = inFile(version).start()) {
            GUEST.awaitRunning(source);
            source.enable("x-ignore-shared");
            Reception.take(source, image, PARAMETERS);
        }
        requireWithoutSharedRam(image);
        try (Qemu destination = inFile(version).incoming().start();
                FileChannel file = FileChannel.open(folder.resolve("ram"));
                Arena arena = Arena.ofShared()) {
            MemorySegment ram = file.map(MapMode.READ_ONLY, 0, RAM_BYTES, arena);
            long before = GUEST.round(ram);
            assertTrue(before > 0, "the guest has left its RAM");
            Replay.send(image, destination.enable("x-ignore-shared").listen(2), PARAMETERS);
            destination.awaitRunState("running");
            Eventually.until("guest to go on", () -> GUEST.round(ram) > before);
            destination.stop();
            GUEST.requireConsistent(ram);
        }
    }

    private static void requireWithoutSharedRam(Path path) throws Exception {
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
            var ram = image.layout().blocks().stream()
                    .filter(block -> block.name().equals(GuestRam.BLOCK))
                    .findFirst()
                    .orElseThrow();
            assertEquals(0, image.present(ram).count());
            assertTrue(image.layout().blocks().stream()
                    .anyMatch(block -> image.present(block).count() > 0));
        }
    }

    private Qemu.Builder inFile(QemuVersion version) {
        return Qemu.of(version, folder)
                .machine("pc,memory-backend=" + GuestRam.BLOCK)
                .memory(RAM_BYTES)
                .anonymousRam()
                .with(
                        "-object",
                        "memory-backend-file,share=on,id=" + GuestRam.BLOCK + ",size=" + RAM_BYTES + ",mem-path="
                                + folder.resolve("ram"))
                .guest(GUEST);
    }
}
