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
import org.junit.jupiter.params.provider.CsvSource;

/** A guest that dirties its RAM as fast as it can goes from a QEMU into an image, and from there into another QEMU. */
@RealQemu
@Timeout(120)
class RunningGuestIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    /** Bytes a second: some rounds of the guest's 16 MiB take a second. */
    private static final long SLOW = 64_000_000;

    private static final long FAST = 4_000_000_000L;

    /** A guest that dirties its RAM all the time cannot be stopped for no time: there is always one more round. */
    private static final long NO_DOWNTIME_MILLIS = 0;

    private static final long LONG_DOWNTIME_MILLIS = 2000;

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0} to {1}, {2}, channels {3}, return-path {4}, zero-page-detection {5}")
    @CsvSource(nullValues = "-", textBlock = """
            10.0, 10.0, pc,             1,  off, -
            10.0, 10.0, pc,             2,  on,  none
            10.0, 10.0, pc,             4,  off, legacy
            10.0, 10.0, q35,            16, on,  multifd
            10.0, 10.0, q35,            2,  off, none
            10.0, 10.0, pc-i440fx-7.2,  4,  on,  -
            10.0, 10.0, pc-i440fx-7.2,  16, off, multifd
            10.0, 10.0, pc-q35-7.2,     2,  off, -
            10.0, 10.0, pc-q35-7.2,     1,  on,  legacy
            7.2,  7.2,  pc,             1,  on,  -
            7.2,  7.2,  pc,             2,  off, -
            7.2,  7.2,  q35,            4,  off, -
            7.2,  7.2,  q35,            16, on,  -
            7.2,  10.0, pc-i440fx-7.2,  2,  on,  -
            10.0, 7.2,  pc-q35-7.2,     2,  on,  -
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
                        .start();
                Reception reception = Reception.start(image, parameters)) {
            GUEST.awaitRunning(source);
            source.enable("multifd").set("multifd-channels", channels);
            if (returnPath.equals("on")) {
                source.enable("return-path");
            }
            if (zeroPageDetection != null) {
                source.set("zero-page-detection", zeroPageDetection);
            }
            migrateInRounds(source, reception.uri().toString());
            reception.awaitCompleted();
            source.awaitMigration("completed");

            try (ImageMemory memory = ImageMemory.load(image)) {
                GUEST.requireConsistent(memory.ram());
                GuestRam.requireSame(source.ram(), memory.ram());
            }
        }
        requireGoesOn(QemuVersion.of(nextVersion), machine, image, parameters);
    }

    @ParameterizedTest(name = "QEMU {0}, zero-page-detection {1}")
    @CsvSource({"10.0, multifd", "10.0, legacy", "10.0, none", "7.2, "})
    void shouldHaveLastContentWhenPagesTurnZeroAndBack(String version, String zeroPageDetection) throws Exception {
        DirtyingGuest guest = DirtyingGuest.turningZero();
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(QemuVersion.of(version), folder).guest(guest).start();
                Reception reception = Reception.start(image, MigrationParameters.defaults())) {
            guest.awaitRunning(source);
            source.enable("multifd");
            if (zeroPageDetection != null) {
                source.set("zero-page-detection", zeroPageDetection);
            }
            migrateInRounds(source, reception.uri().toString());
            reception.awaitCompleted();
            source.awaitMigration("completed");
            try (ImageMemory memory = ImageMemory.load(image)) {
                guest.requireConsistent(memory.ram());
                GuestRam.requireSame(source.ram(), memory.ram());
            }
        }
    }

    /** Rounds without end, and then all the time there is for the last one. */
    private static void migrateInRounds(Qemu source, String uri) {
        source.set("max-bandwidth", SLOW).set("downtime-limit", NO_DOWNTIME_MILLIS);
        source.migrate(uri);
        Eventually.until("rounds of " + source, () -> source.rounds() >= 4);
        source.set("max-bandwidth", FAST).set("downtime-limit", LONG_DOWNTIME_MILLIS);
    }

    private void requireGoesOn(QemuVersion version, String machine, Path image, MigrationParameters parameters)
            throws Exception {
        try (Qemu destination = Qemu.of(version, folder)
                        .machine(machine)
                        .guest(GUEST)
                        .incoming()
                        .paused()
                        .start();
                ImageMemory memory = ImageMemory.load(image);
                Image opened = Image.open(image, 0, parameters.maxRam(), false)) {
            destination.enable("multifd").set("multifd-channels", parameters.multifdChannels());
            MigrationUri uri = MigrationUri.parse(destination.migrateIncoming("tcp:127.0.0.1:0"));
            Reception.requireCompleted(
                    OutgoingMigration.of(opened, uri, null, parameters).run());
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
