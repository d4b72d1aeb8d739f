package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.image.Image;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.MachineType;
import io.pageferry.stream.WireProperty;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Machine types on both sides of each change that a QEMU has of the wire: what its source shows is what its name says,
 * and it is sent back in the right way by either.
 */
@RealQemu
@Timeout(120)
class MachineTypesIT {
    private static final MigrationParameters PARAMETERS = MigrationParameters.defaults();
    private static final int CONTENT_BYTES = 4 << 20;
    private static final long CONTENT_ADDRESS = 16L << 20;
    private static final long MEMORY_BYTES = 32L << 20;

    @TempDir
    Path folder;

    /** What {@code send} knows the destination's way by. */
    private enum By {
        LEARNT,
        NAME
    }

    @ParameterizedTest(name = "QEMU {0}, {1}, by {2}")
    @CsvSource({
        "7.2,  pc-q35-4.0.1,   NAME",
        "7.2,  pc-i440fx-7.2,  LEARNT",
        "10.0, pc-q35-7.2,     NAME",
        "10.0, pc-i440fx-8.0,  LEARNT",
        "10.0, pc-q35-8.1,     NAME",
        "10.0, pc-i440fx-8.2,  LEARNT",
        "10.0, pc-q35-9.0,     LEARNT",
        "10.0, pc-q35-9.2,     NAME",
        "10.0, pc-q35-10.0,    LEARNT",
        "11.1, pc-q35-8.0,     NAME",
        "11.1, pc-i440fx-8.1,  LEARNT",
        "11.1, pc-q35-8.2,     LEARNT",
        "11.1, pc-i440fx-9.0,  NAME",
        "11.1, pc-i440fx-9.2,  LEARNT",
        "11.1, pc-i440fx-10.0, NAME",
        "11.1, pc-q35-11.0,    LEARNT",
        "11.1, pc-i440fx-11.1, NAME"
    })
    void shouldBringGuestBackWhenItsMachineTypeIsKnown(String version, String machine, By by) throws Exception {
        Path image = receive(QemuVersion.of(version), machine);
        Dialect learnt = facts(image).dialect();
        Dialect named = new MachineType(machine).dialect();
        requireAlike(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, named, learnt);
        assertEquals(
                named.has(WireProperty.SEND_SWITCHOVER_START), learnt.has(WireProperty.SEND_SWITCHOVER_START), "said");
        if (by == By.NAME) {
            Files.delete(image.resolveSibling(image.getFileName() + ".json"));
        }
        requireTaken(QemuVersion.of(version), machine, image, PARAMETERS);
    }

    private static void requireAlike(WireProperty property, Dialect named, Dialect learnt) {
        assertEquals(named.get(property), learnt.get(property), property.qemuName());
    }

    /** As where the machine type is not known: each QEMU knows its own names alone, so the way is asked for. */
    @ParameterizedTest(name = "QEMU {0}, {1}, {2}")
    @CsvSource({
        "7.2,  pc-i440fx-7.2,  NONE",
        "7.2,  pc-q35-7.1,     ZLIB",
        "10.0, pc-q35-8.0,     ZSTD",
        "10.0, pc-i440fx-10.0, NONE",
        "11.1, pc-q35-8.0,     NONE",
        "11.1, pc-q35-11.1,    ZLIB"
    })
    void shouldBringGuestBackOverTheMainChannelWhateverItsMachineType(
            String version, String machine, MultifdCompression compression) throws Exception {
        Path image = receive(QemuVersion.of(version), machine);
        MigrationParameters parameters = MigrationParameters.builder()
                .pagesOnMainChannel(true)
                .compression(compression)
                .build();
        requireTaken(QemuVersion.of(version), machine, image, parameters);
    }

    /** The name says nothing of such a one, but for the newest. */
    @Test
    void shouldBringGuestBackAsItCameWhenItsMachineTypeHasNoVersion() throws Exception {
        Path image = receive(QemuVersion.V7_2, "isapc");
        requireTaken(QemuVersion.V7_2, "isapc", image, PARAMETERS);
    }

    /** This QEMU waits for a sync more than there are, and says nothing. */
    @Test
    void shouldFailAndNameTheOptionWhenDestinationWaitsForWhatDoesNotCome() throws Exception {
        MigrationParameters wrong = MigrationParameters.builder()
                .flushAfterEachSection(false)
                .stallTimeout(Duration.ofSeconds(2))
                .build();
        Path image = receive(QemuVersion.V10_0, "pc-q35-8.0");
        try (Qemu destination =
                        guest(QemuVersion.V10_0, "pc-q35-8.0").incoming().start();
                Replay replay = Replay.start(image, destination.listen(2), wrong)) {
            String line = replay.awaitFailed();
            assertTrue(line.startsWith("peer must not be silent for longer than stall-timeout: "), line);
            assertTrue(line.contains("set multifd-flush-after-each-section to on\""), line);
        }
    }

    private Path receive(QemuVersion version, String machine) throws Exception {
        Path image = folder.resolve("image");
        byte[] content = new byte[CONTENT_BYTES];
        new Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("content"), content);
        try (Qemu source = guest(version, machine)
                .with("-device", "loader,file=" + file + ",addr=" + CONTENT_ADDRESS + ",force-raw=on")
                .start()) {
            Reception.take(source, image, PARAMETERS);
        }
        return image;
    }

    private void requireTaken(QemuVersion version, String machine, Path image, MigrationParameters parameters)
            throws Exception {
        try (Qemu destination = guest(version, machine).incoming().start();
                ImageMemory memory = ImageMemory.load(image)) {
            destination.set("multifd-compression", parameters.compression().qemuName());
            Replay.send(image, destination.listen(2), parameters);
            destination.awaitMigration("completed");
            GuestRam.requireSame(memory.ram(), destination.ram());
        }
    }

    /** One that stands still. */
    private Qemu.Builder guest(QemuVersion version, String machine) {
        return Qemu.of(version, folder).machine(machine).memory(MEMORY_BYTES).paused();
    }

    private static CheckpointFacts facts(Path path) throws Exception {
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
            return image.facts();
        }
    }
}
