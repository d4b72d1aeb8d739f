package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import io.pageferry.testing.SlowFsync;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A QEMU that waits for a slow disk: it hears the same PONG each second, and takes it for nothing but that. */
@RealQemu
@Timeout(120)
class SlowDiskQemuIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final Duration SLOW = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    @TempDir
    Path library;

    private SlowFsync disk;

    @BeforeEach
    void makeDisk() throws Exception {
        disk = SlowFsync.in(library);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHandOverItsGuestWhenTheDiskIsSlow(QemuVersion version) throws Exception {
        Path image = folder.resolve("guest.image");
        try (Qemu source = Qemu.of(version, folder).guest(GUEST).start();
                PageferryProcess receive = receive(image, SLOW)) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path");
            source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate(receive.awaitListening());
            disk.awaitBegun();
            long begun = System.nanoTime();
            source.awaitMigration("completed");
            assertTrue(System.nanoTime() - begun > SLOW.toNanos() / 2, "it has waited for the disk");
            receive.awaitEnd().completed();
            try (ImageMemory memory = ImageMemory.load(image)) {
                GUEST.requireConsistent(memory.ram());
                GuestRam.requireSame(source.ram(), memory.ram());
            }
        }
    }

    /** It does not wait for anybody, so nobody can take back what it believes. */
    @Test
    void shouldSayThatItCannotBeKnownWhenTheSourceHasCompletedAndTheGuestIsNotKept() throws Exception {
        try (Qemu source = Qemu.of(QemuVersion.V10_0, folder).guest(GUEST).start();
                PageferryProcess receive = receive(folder.resolve("guest.image"), SLOW)) {
            GUEST.awaitRunning(source);
            source.enable("multifd");
            source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate(receive.awaitListening());
            disk.awaitBegun();
            source.awaitMigration("completed");
            receive.signal("TERM");
            Result received = receive.awaitEnd();
            assertEquals(143, received.code(), received.toString());
            String line = received.complaint();
            assertTrue(
                    line.endsWith(
                            " handed-over=\"cannot be known: the guest is not kept here, and its source, which has"
                                    + " return-path off, could not be told\""),
                    line);
        }
    }

    private PageferryProcess receive(Path image, Duration slow) throws Exception {
        return PageferryProcess.in(folder).environment(disk.of(slow)).start("receive", "tcp:127.0.0.1:0", image);
    }
}
