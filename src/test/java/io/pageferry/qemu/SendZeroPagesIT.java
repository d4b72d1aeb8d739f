package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.PageferryProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An image goes to a QEMU in each way that zero pages can be sent. QEMU 7.2 knows zero pages from the main channel
 * only.
 */
@RealQemu
@Timeout(120)
class SendZeroPagesIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.turningZero();

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0}, zero-page-detection {1}")
    @CsvSource({
        "11.1, multifd",
        "11.1, legacy",
        "10.0, multifd",
        "10.0, legacy",
        "10.0, none",
        "7.2, legacy",
        "7.2, none"
    })
    void shouldLeaveSameMemoryWhereverZeroPagesGo(String version, String zeroPageDetection) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(QemuVersion.of(version), folder).guest(GUEST).start()) {
            GUEST.awaitRunning(source);
            Reception.take(source, image, MigrationParameters.defaults());
        }
        try (Qemu destination = Qemu.of(QemuVersion.of(version), folder)
                        .guest(GUEST)
                        .incoming()
                        .paused()
                        .start();
                ImageMemory sent = ImageMemory.load(image)) {
            destination.enable("multifd").set("multifd-channels", 2);
            PageferryProcess.in(folder)
                    .run(
                            "send",
                            image,
                            destination.migrateIncoming("tcp:127.0.0.1:0"),
                            "--zero-page-detection",
                            zeroPageDetection)
                    .completed();
            destination.awaitMigration("completed");
            GuestRam.requireSame(destination.ram(), sent.ram());
            GUEST.requireConsistent(destination.ram());
            destination.resume();
            GUEST.awaitNextRound(destination);
            assertFalse(destination.serial().text().contains("boot"), "has not begun anew");
        }
    }
}
