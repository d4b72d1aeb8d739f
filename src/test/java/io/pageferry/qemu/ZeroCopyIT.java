package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.net.Listener;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@code zero-copy-send} at either end. Each end's kernel is this one, which copies what it delivers to itself: pages
 * must arrive, and fallbacks be counted.
 */
@RealQemu
@LeakFree
@Timeout(120)
class ZeroCopyIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final int CHANNELS = 3;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EachQemu
    void shouldGoOnWhereItStoppedWhenNothingIsCopied(QemuVersion version) throws Exception {
        MigrationParameters plain =
                MigrationParameters.builder().multifdChannels(CHANNELS).build();
        MigrationParameters zeroCopy = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .enable(MigrationCapability.ZERO_COPY_SEND)
                .build();
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(version, folder).guest(GUEST).start()) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "zero-copy-send");
            Reception.take(source, image, plain);
            assertTrue(source.queryMigrate()
                            .get("ram")
                            .get("dirty-sync-missed-zero-copy")
                            .asLong()
                    > 0);
        }
        try (Qemu destination = Qemu.of(version, folder)
                        .guest(GUEST)
                        .incoming()
                        .paused()
                        .start();
                ImageMemory memory = ImageMemory.load(image)) {
            GUEST.requireConsistent(memory.ram());
            Replay.send(image, destination.listen(CHANNELS), zeroCopy);
            destination.awaitRunState("paused");
            GuestRam.requireSame(memory.ram(), destination.ram());
            destination.resume();
            GUEST.awaitNextRound(destination);
        }
    }

    /** With root's right to lock as much as it likes taken away. */
    @ParameterizedTest
    @EnumSource(names = "V10_0")
    void shouldSayWhatToRaiseWhenTooLittleMemoryCanBeLocked(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(version, folder).guest(GUEST).start()) {
            GUEST.awaitRunning(source);
            Reception.take(source, image, MigrationParameters.defaults());
        }
        List<String> limited = new ArrayList<>(List.of("prlimit", "--memlock=4096"));
        if (isRoot()) {
            limited.addAll(List.of("setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"));
        }
        try (Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), CHANNELS)) {
            String line = PageferryProcess.in(folder)
                    .wrapper(limited.toArray(String[]::new))
                    .run("send", image, listener.uri(), "--zero-copy-send")
                    .failed(1);
            assertTrue(
                    line.startsWith(
                            "pageferry: send: process must be able to lock enough memory for zero-copy-send, raise its"
                                    + " RLIMIT_MEMLOCK (ulimit -l)"),
                    line);
        }
    }

    private static boolean isRoot() throws Exception {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }
}
