package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.session.OutgoingMigration;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest whose RAM is one block of 3 GiB, more than a 32-bit number or a {@code ByteBuffer} can count. Most of it is zero. */
@RealQemu
@Timeout(240)
class LargeGuestIT {
    private static final long MEMORY_BYTES = 3L << 30;
    private static final DirtyingGuest GUEST = DirtyingGuest.countingFrom(0xa000_0000L);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void shouldGoOnAboveTwoGibibytes(QemuVersion version) throws Exception {
        Path image = folder.resolve("large.image");
        Path next = folder.resolve("next.image");
        try (Qemu source = qemu(version).start()) {
            GUEST.awaitRunning(source);
            receive(source, image);
        }
        try (Qemu destination = qemu(version).incoming().start();
                Image opened = Image.open(image, 0, MigrationParameters.DEFAULT_MAX_RAM, false)) {
            MigrationUri uri = MigrationUri.parse(destination.enable("multifd").migrateIncoming("tcp:127.0.0.1:0"));
            Reception.requireCompleted(OutgoingMigration.of(opened, uri, null, MigrationParameters.defaults())
                    .run());
            destination.awaitRunState("running");
            // Its RAM is anonymous, or each of its zero pages would become a real one: so it is seen by receiving it
            // again.
            receive(destination, next);
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

    private static void receive(Qemu source, Path image) throws Exception {
        try (Reception reception = Reception.start(image, MigrationParameters.defaults())) {
            source.enable("multifd").set("downtime-limit", 2000);
            source.migrate(reception.uri());
            reception.awaitCompleted();
            source.awaitMigration("completed");
        }
    }
}
