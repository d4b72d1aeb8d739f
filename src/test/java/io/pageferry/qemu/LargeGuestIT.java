package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * A guest whose RAM is one block of 3 GiB, more than a 32-bit number or a {@code ByteBuffer} can count. Most of it is
 * zero.
 */
@RealQemu
@LeakFree
@Timeout(240)
class LargeGuestIT {
    private static final long MEMORY_BYTES = 3L << 30;
    private static final MigrationParameters PARAMETERS = MigrationParameters.defaults();
    private static final DirtyingGuest GUEST = DirtyingGuest.countingFrom(0xa000_0000L);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EachQemu
    void shouldGoOnAboveTwoGibibytes(QemuVersion version) throws Exception {
        Path image = folder.resolve("large.image");
        Path next = folder.resolve("next.image");
        try (Qemu source = qemu(version).start()) {
            GUEST.awaitRunning(source);
            Reception.take(source, image, PARAMETERS);
        }
        try (Qemu destination = qemu(version).incoming().start()) {
            Replay.send(image, destination.listen(PARAMETERS.multifdChannels()), PARAMETERS);
            destination.awaitRunState("running");
            // Its RAM is anonymous, or each of its zero pages would become a real one: so it is seen by receiving it
            // again.
            Reception.take(destination, next, PARAMETERS);
            assertFalse(destination.serial().text().contains("boot"), "has not begun anew");
        }
        try (ImageMemory before = ImageMemory.load(image);
                ImageMemory after = ImageMemory.load(next)) {
            GUEST.requireConsistent(before.ram());
            GUEST.requireConsistent(after.ram());
            assertTrue(GUEST.round(after.ram()) > GUEST.round(before.ram()), "counts on from where it stopped");
        }
    }

    private Qemu.Builder qemu(QemuVersion version) {
        return Qemu.of(version, folder).memory(MEMORY_BYTES).anonymousRam().guest(GUEST);
    }
}
