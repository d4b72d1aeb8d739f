package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A guest that dirties its RAM as fast as it can goes from a QEMU into an image, and from there into another QEMU. */
@RealQemu
@LeakFree
@Timeout(120)
class RunningGuestIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    /** The setup, all of the RAM, and at least two rounds of what was dirtied meanwhile. */
    private static final int ROUNDS = 4;

    /** Bytes a second: some rounds of the guest's 16 MiB take a second. */
    private static final long SLOW = 64_000_000;

    /** Slow enough for RAM not to be through before QEMU has measured how fast it goes. */
    private static final long CREEPING = 8_000_000;

    private static final long FAST = 4_000_000_000L;

    /**
     * In this time next to nothing of the guest's 16 MiB can be sent: there is always one more round. With none at all,
     * or as long as it does not know its bandwidth, QEMU switches over as soon as it has sent what it knows to be
     * dirty, without looking again.
     */
    private static final long SHORT_DOWNTIME_MILLIS = 1;

    private static final long LONG_DOWNTIME_MILLIS = 2000;

    @TempDir
    Path folder;

    /**
     * Each QEMU with each number of channels, once as a pc and once as a q35, once with a return path and once without;
     * then machine types that make 10.0 speak as 7.2 does, and from one QEMU into the other.
     */
    @ParameterizedTest(name = "QEMU {0} to {1}, {2}, channels {3}, return-path {4}, zero-page-detection {5}")
    @CsvSource(nullValues = "-", textBlock = """
            10.0, 10.0, pc,            1,  off, -
            10.0, 10.0, q35,           2,  on,  none
            10.0, 10.0, pc,            3,  on,  legacy
            10.0, 10.0, q35,           4,  off, none
            10.0, 10.0, pc,            8,  off, legacy
            10.0, 10.0, q35,           16, on,  multifd
            7.2,  7.2,  q35,           1,  on,  -
            7.2,  7.2,  pc,            2,  off, -
            7.2,  7.2,  q35,           3,  off, -
            7.2,  7.2,  pc,            4,  on,  -
            7.2,  7.2,  q35,           8,  on,  -
            7.2,  7.2,  pc,            16, off, -
            10.0, 10.0, pc-q35-7.2,    2,  off, -
            10.0, 10.0, pc-i440fx-7.2, 4,  on,  multifd
            7.2,  10.0, pc-i440fx-7.2, 3,  on,  -
            10.0, 7.2,  pc-q35-7.2,    8,  on,  -
            """)
    void shouldGoOnWhereItStopped(
            String version,
            String nextVersion,
            String machine,
            int channels,
            String returnPath,
            String zeroPageDetection)
            throws Exception {
        MigrationParameters parameters =
                MigrationParameters.builder().multifdChannels(channels).build();
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(QemuVersion.of(version), folder)
                .machine(machine)
                .guest(GUEST)
                .start()) {
            if (returnPath.equals("on")) {
                source.enable("return-path");
            }
            receiveInRounds(source, GUEST, zeroPageDetection, image, parameters);
        }
        requireGoesOn(QemuVersion.of(nextVersion), machine, image, parameters);
    }

    @ParameterizedTest(name = "QEMU {0}, zero-page-detection {1}")
    @CsvSource(
            nullValues = "-",
            value = {"10.0, multifd", "10.0, legacy", "10.0, none", "7.2, -"})
    void shouldHaveLastContentWhenPagesTurnZeroAndBack(String version, String zeroPageDetection) throws Exception {
        DirtyingGuest guest = DirtyingGuest.turningZero();
        try (Qemu source = Qemu.of(QemuVersion.of(version), folder).guest(guest).start()) {
            receiveInRounds(source, guest, zeroPageDetection, folder.resolve("image"), MigrationParameters.defaults());
        }
    }

    /**
     * Lets a guest go through some rounds into an image, and compares all of its RAM with that of its source, which
     * stands still then.
     */
    private static void receiveInRounds(
            Qemu source, DirtyingGuest guest, String zeroPageDetection, Path image, MigrationParameters parameters)
            throws Exception {
        guest.awaitRunning(source);
        source.enable("multifd").set("multifd-channels", parameters.multifdChannels());
        if (zeroPageDetection != null) {
            source.set("zero-page-detection", zeroPageDetection);
        }
        try (Reception reception = Reception.start(image, parameters)) {
            source.set("max-bandwidth", CREEPING).set("downtime-limit", SHORT_DOWNTIME_MILLIS);
            source.migrate(reception.uri());
            source.awaitBandwidth();
            source.set("max-bandwidth", SLOW);
            source.awaitRounds(ROUNDS);
            source.set("max-bandwidth", FAST).set("downtime-limit", LONG_DOWNTIME_MILLIS);
            reception.awaitCompleted();
            source.awaitMigration("completed");
        }
        try (ImageMemory memory = ImageMemory.load(image)) {
            guest.requireConsistent(memory.ram());
            GuestRam.requireSame(source.ram(), memory.ram());
        }
    }

    private void requireGoesOn(QemuVersion version, String machine, Path image, MigrationParameters parameters)
            throws Exception {
        try (Qemu destination = Qemu.of(version, folder)
                        .machine(machine)
                        .guest(GUEST)
                        .incoming()
                        .paused()
                        .start();
                ImageMemory memory = ImageMemory.load(image)) {
            Replay.send(image, destination.listen(parameters.multifdChannels()), parameters);
            destination.awaitRunState("paused");
            GuestRam.requireSame(memory.ram(), destination.ram());

            destination.resume();
            GUEST.awaitNextRound(destination);
            destination.stop();
            GUEST.requireConsistent(destination.ram());
            assertTrue(GUEST.round(destination.ram()) > GUEST.round(memory.ram()), "counts on from where it stopped");
            assertFalse(destination.serial().text().contains("boot"), "has not begun anew");
        }
    }
}
