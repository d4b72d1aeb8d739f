package io.pageferry.qemu;

import io.pageferry.testing.PageferryProcess;
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

    /**
     * Time for QEMU 7.2 to stop its guest after the first look at what it has dirtied. At each look it forgets to tell
     * its emulation, so that of the pages which are in a CPU's TLB then no later write is seen: with one more look
     * while the guest runs some of its RAM would be stale, also between two QEMUs.
     */
    private static final long LONG_DOWNTIME_MILLIS = 2000;

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0}, {1}")
    @CsvSource({"11.1, q35", "7.2, pc"})
    void shouldKeepItsRamAndDevicesWhenReceivedAndSent(String version, String machine) throws Exception {
        Path image = folder.resolve("linux.image");
        String before;
        try (Qemu source = start(version, machine);
                PageferryProcess receive = PageferryProcess.in(folder)
                        .start("receive", "tcp:127.0.0.1:0", image, "--multifd-channels", "4")) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path").set("multifd-channels", 4);
            if (version.equals("7.2")) {
                source.set("downtime-limit", LONG_DOWNTIME_MILLIS);
            }
            source.migrate(receive.awaitListening());
            receive.awaitEnd().completed();
            source.awaitMigration("completed");
            before = source.serial().text();
            try (ImageMemory memory = ImageMemory.load(image)) {
                GuestRam.requireSame(source.ram(), memory.ram());
            }
        }
        long passes = GUEST.passes(before);
        try (Qemu destination = start(version, machine, "-incoming", "defer")) {
            PageferryProcess.in(folder)
                    .run("send", image, destination.listen(4), "--multifd-channels", "4")
                    .completed();
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
