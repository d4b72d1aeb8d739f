package io.pageferry.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.qemu.DirtyingGuest;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.QemuVersion;
import io.pageferry.qemu.RealQemu;
import io.pageferry.testing.PageferryProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest moves into the service that systemd runs, and out of its store. {@code scripts/test-package} has booted a
 * system with the package: {@code PAGEFERRY_BESIDE_SERVICE} runs a command in its network, {@code PAGEFERRY_AS_SERVICE}
 * runs pageferry in it as the service's user.
 */
@RealQemu
@Timeout(120)
class InstalledServiceTrial {
    /** Of a server that is told nothing else. */
    private static final int CHANNELS = 2;

    /** As the package's configuration has it. */
    private static final String SERVICE = "tcp:127.0.0.1:4444";

    private static final String UUID = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    @TempDir
    private Path folder;

    @Test
    void shouldTakeAGuestAndSendItOn() throws Exception {
        try (Qemu source = qemu().start()) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path", "validate-uuid")
                    .set("multifd-channels", CHANNELS)
                    .set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS)
                    .migrate(SERVICE);
            source.awaitMigration("completed");
        }
        try (Qemu destination = qemu().incoming().start()) {
            String where = destination.listen(CHANNELS);
            String status = PageferryProcess.in(folder)
                    .program(Path.of(System.getenv("PAGEFERRY_AS_SERVICE")))
                    .run("send", "--json", "--store", "/var/lib/pageferry", UUID, where)
                    .completed()
                    .json()
                    .path("status")
                    .asString();
            assertEquals("completed", status);
            destination.awaitRunState("running");
            GUEST.awaitNextRound(destination);
            destination.stop();
            GUEST.requireConsistent(destination.ram());
        }
    }

    private Qemu.Builder qemu() {
        return Qemu.of(QemuVersion.V10_0, folder)
                .wrapper(System.getenv("PAGEFERRY_BESIDE_SERVICE"))
                .guest(GUEST)
                .with("-uuid", UUID);
    }
}
