package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.image.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Guests of other processors than x86, whose page size the stream says, or their machine type does, or the user has to.
 */
@RealQemu
@Timeout(120)
class PageSizeIT {
    private static final MigrationParameters PARAMETERS = MigrationParameters.defaults();
    private static final int CONTENT_BYTES = 4 << 20;

    /** Machines that say their page size nowhere. */
    private enum Machine {
        SUN4U(QemuTarget.SPARC64, "sun4u", 64L << 20, 16L << 20, 8192),
        MPS2(QemuTarget.AARCH64, "mps2-an385", 16L << 20, 0x2100_0000, 1024);

        private final QemuTarget target;
        private final String type;
        private final long ram;
        private final long address;
        private final int pageSize;

        Machine(QemuTarget target, String type, long ram, long address, int pageSize) {
            this.target = target;
            this.type = type;
            this.ram = ram;
            this.address = address;
            this.pageSize = pageSize;
        }
    }

    @TempDir
    Path folder;

    @ParameterizedTest
    @EachQemu
    void shouldBringBackRunningGuestWhenItsStreamSaysThePageSize(QemuVersion version) throws Exception {
        ArmGuest guest = new ArmGuest();
        Path image = folder.resolve("arm.image");
        try (Qemu source = virt(version, guest).start()) {
            guest.awaitRunning(source);
            Reception.take(source, image, PARAMETERS);
            try (Qemu destination = virt(version, guest).incoming().start()) {
                Replay.send(image, destination.listen(2), PARAMETERS);
                destination.awaitRunState("running");
                guest.awaitNextRound(destination);
                destination.stop();
                guest.requireConsistent(destination.ram());
            }
        }
        assertEquals(12, pageBits(image));
        assertEquals(4096, pageSize(image));
    }

    /** The sources of QEMU 7.2 die of multifd with pages of 8 KiB, whatever takes them. */
    @Test
    void shouldBringBackGuestWhenItsMachineTypeHasAnotherPageSize() throws Exception {
        requireThereAndBack(QemuVersion.V10_0, Machine.SUN4U, PARAMETERS, PARAMETERS);
    }

    @ParameterizedTest
    @EachQemu
    void shouldBringBackGuestWhenNobodyButTheUserKnowsThePageSize(QemuVersion version) throws Exception {
        MigrationParameters receiving =
                MigrationParameters.builder().pageSize(Machine.MPS2.pageSize).build();
        // A machine type without a version is of any, and what QEMU 7.2 expects must be said.
        MigrationParameters sending = version != QemuVersion.V7_2
                ? PARAMETERS
                : MigrationParameters.builder()
                        .flushAfterEachSection(true)
                        .zeroPageDetection(ZeroPageDetection.LEGACY)
                        .build();
        requireThereAndBack(version, Machine.MPS2, receiving, sending);
    }

    private void requireThereAndBack(
            QemuVersion version, Machine machine, MigrationParameters receiving, MigrationParameters sending)
            throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = withContent(version, machine).start()) {
            Reception.take(source, image, receiving);
        }
        assertEquals(machine.pageSize, pageSize(image));
        try (Qemu destination = empty(version, machine).start()) {
            Replay.send(image, destination.listen(2), sending);
            destination.awaitMigration("completed");
            requireContent(destination, machine);
        }
    }

    @Test
    void shouldMakeImageThatQemuLoadsWhenPagesAreOf8KiB() throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = withContent(QemuVersion.V10_0, Machine.SUN4U).start()) {
            Reception.take(source, image, PARAMETERS);
        }
        try (Qemu destination = empty(QemuVersion.V10_0, Machine.SUN4U).start()) {
            destination.enable("multifd", "mapped-ram").migrateIncoming("file:" + image);
            destination.awaitMigration("completed");
            requireContent(destination, Machine.SUN4U);
        }
    }

    /** An image says its page size, so nobody has to. */
    @ParameterizedTest
    @EnumSource(Machine.class)
    void shouldSendImageOfQemuWhateverItsPageSize(Machine machine) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = withContent(QemuVersion.V10_0, machine).start()) {
            source.enable("multifd", "mapped-ram").migrate("file:" + image);
            source.awaitMigration("completed");
        }
        try (Qemu destination = empty(QemuVersion.V10_0, machine).start()) {
            Replay.send(image, destination.listen(2), PARAMETERS);
            destination.awaitMigration("completed");
            requireContent(destination, machine);
        }
    }

    /** With {@code postcopy-ram} a source says of each block that its pages are of 4 KiB, as its host's are. */
    @Test
    void shouldBringBackGuestWhenItsHostsPagesAreSmallerAndItsSourceSaysSo() throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = withContent(QemuVersion.V10_0, Machine.SUN4U).start();
                Reception reception = Reception.start(image, PARAMETERS)) {
            source.enable("postcopy-ram", "return-path").migrate(reception.uri());
            reception.awaitCompleted();
        }
        try (Qemu destination = empty(QemuVersion.V10_0, Machine.SUN4U).start()) {
            Replay.send(image, destination.listen(2), PARAMETERS);
            destination.awaitMigration("completed");
            requireContent(destination, Machine.SUN4U);
        }
    }

    @Test
    void shouldRefuseGuestWhenThePageSizeIsWrong() throws Exception {
        try (Qemu source = withContent(QemuVersion.V10_0, Machine.MPS2).start();
                Reception reception = Reception.start(folder.resolve("image"), PARAMETERS)) {
            source.enable("multifd").migrate(reception.uri());
            String line = reception.awaitFailed();
            assertTrue(line.startsWith("packet's magic must be 0x11223344, set page-size"), line);
        }
    }

    private Qemu.Builder virt(QemuVersion version, ArmGuest guest) {
        return Qemu.of(version, folder)
                .target(QemuTarget.AARCH64)
                .machine("virt")
                .guest(guest);
    }

    /** A guest that stands still, with random bytes in its RAM. */
    private Qemu.Builder withContent(QemuVersion version, Machine machine) throws Exception {
        byte[] content = new byte[CONTENT_BYTES];
        new Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("content"), content);
        return Qemu.of(version, folder)
                .target(machine.target)
                .machine(machine.type)
                .memory(machine.ram)
                .anonymousRam()
                .paused()
                .with("-device", "loader,file=" + file + ",addr=" + machine.address + ",force-raw=on");
    }

    private Qemu.Builder empty(QemuVersion version, Machine machine) {
        return Qemu.of(version, folder)
                .target(machine.target)
                .machine(machine.type)
                .memory(machine.ram)
                .anonymousRam()
                .incoming()
                .paused();
    }

    /** The machine of SPARC cannot have its RAM in a file of ours, so QEMU is asked for it. */
    private void requireContent(Qemu qemu, Machine machine) throws Exception {
        Path saved = folder.resolve("saved");
        qemu.qmp()
                .execute(
                        "pmemsave",
                        Map.of("val", machine.address, "size", CONTENT_BYTES, "filename", saved.toString()));
        assertEquals(-1, Files.mismatch(folder.resolve("content"), saved));
    }

    private static int pageSize(Path path) throws Exception {
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
            return image.layout().pageSizeBytes();
        }
    }

    private static int pageBits(Path path) throws Exception {
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
            return image.configuration().targetPageBits().orElseThrow();
        }
    }
}
