package io.pageferry.qemu;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Linux with virtio devices goes through an image, and notices nothing. */
@RealQemu
@Timeout(240)
class LinuxGuestIT {
    private static final LinuxGuest GUEST = new LinuxGuest();

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0}, {1}")
    @CsvSource({"10.0, q35", "7.2, pc"})
    void shouldKeepItsRamAndDevicesWhenReceivedAndSent(String version, String machine) throws Exception {
        Path image = folder.resolve("linux.image");
        String before;
        try (Qemu source = start(version, machine);
                PageferryCommand receive = PageferryCommand.start(
                        folder, "receive", "tcp:127.0.0.1:0", image, "--multifd-channels", "4")) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path").set("multifd-channels", 4);
            source.migrate(receive.awaitListening());
            receive.awaitCompleted();
            source.awaitMigration("completed");
            before = source.serial().text();
        }
        long passes = GUEST.passes(before);
        try (Qemu destination = start(version, machine, "-incoming", "defer")) {
            destination.enable("multifd").set("multifd-channels", 4);
            String uri = destination.migrateIncoming("tcp:127.0.0.1:0");
            PageferryCommand.run(folder, "send", image, uri, "--multifd-channels", "4");
            destination.awaitRunState("running");
            GUEST.awaitPass(destination, passes + 3);
            GUEST.requireSound(before + destination.serial().text());
        }
    }

    private Qemu start(String version, String machine, String... more) throws Exception {
        return Qemu.of(QemuVersion.of(version), folder)
                .machine(machine)
                .memory(LinuxGuest.MEMORY_BYTES)
                .guest(GUEST)
                .with(more)
                .start();
    }
}
