package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a QEMU has written as a plain stream becomes an image, and a stream again, and is still the same guest. */
@RealQemu
@LeakFree
@Timeout(120)
class ConversionIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.turningZero();
    private static final MigrationParameters PLAIN =
            MigrationParameters.builder().disable(MigrationCapability.MULTIFD).build();

    @TempDir
    Path folder;

    /** Streams up to machine type 2.3 have no configuration and no footers; up to 2.1, no description either. */
    @ParameterizedTest(name = "QEMU {0}, {1}, {2}")
    @CsvSource({
        "7.2, pc-i440fx-7.2, xbzrle",
        "7.2, pc-i440fx-2.3, return-path",
        "7.2, pc-i440fx-2.1, return-path",
        "10.0, pc-i440fx-10.0, return-path",
        "11.1, pc-q35-11.1, background-snapshot"
    })
    void shouldBeTheSameGuestWhenConvertedThereAndBack(String number, String machine, String capability)
            throws Exception {
        QemuVersion version = QemuVersion.of(number);
        Path stream = folder.resolve("qemu.stream");
        try (Qemu source =
                Qemu.of(version, folder).machine(machine).guest(GUEST).start()) {
            GUEST.awaitRunning(source);
            if (!capability.equals("return-path")) { // a file gives no answer
                source.enable(capability);
            }
            source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate("exec:cat>" + stream);
            source.awaitMigration("completed");
        }
        Path image = Conversion.toImage(stream, folder.resolve("image"));
        Path back = Conversion.toStream(image, folder.resolve("our.stream"));
        try (ImageMemory memory = ImageMemory.load(image);
                Qemu loaded = incoming(version, machine).start();
                Qemu other = incoming(version, machine).start()) {
            GUEST.requireConsistent(memory.ram());
            loaded.migrateIncoming("exec:cat " + back);
            if (version == QemuVersion.V7_2) {
                Replay.send(image, other.migrateIncoming("tcp:127.0.0.1:0"), PLAIN);
            } else {
                other.enable("mapped-ram").migrateIncoming("file:" + image);
            }
            requireGoesOn(loaded, memory);
            requireGoesOn(other, memory);
        }
    }

    private Qemu.Builder incoming(QemuVersion version, String machine) {
        return Qemu.of(version, folder).machine(machine).guest(GUEST).incoming().paused();
    }

    private static void requireGoesOn(Qemu qemu, ImageMemory memory) {
        qemu.awaitMigration("completed");
        GuestRam.requireSame(memory.ram(), qemu.ram());
        qemu.resume();
        GUEST.awaitNextRound(qemu);
        assertFalse(qemu.serial().text().contains("boot"), "has not begun anew");
    }
}
