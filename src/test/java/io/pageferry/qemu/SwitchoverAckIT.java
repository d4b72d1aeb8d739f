package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who is told that it may switch over, and who must not be: QEMU 11.1 counts the answers that it waits for, which are
 * none where no device asks for one, and with machine types up to 11.0 it waits for one as those before it do.
 */
@RealQemu
@Timeout(120)
class SwitchoverAckIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    @TempDir
    Path folder;

    @ParameterizedTest(name = "machine {0}, switchover-ack {1}, {2}")
    @CsvSource(nullValues = "-", textBlock = """
            pc,              off, -
            pc,              on,  -
            q35,             on,  --switchover-ack
            pc-i440fx-11.0,  off, -
            pc-q35-11.0,     on,  -
            pc-i440fx-8.1,   on,  -
            pc-i440fx-8.0,   on,  --switchover-ack
            """)
    void shouldTakeGuestOfNewestQemuAndBringItBack(String machine, String switchoverAck, String option)
            throws Exception {
        Path image = folder.resolve("guest.image");
        List<Object> command = new ArrayList<>(List.of("receive", "tcp:127.0.0.1:0", image));
        if (option != null) {
            command.add(option);
        }
        try (Qemu source = start(machine, switchoverAck);
                PageferryProcess receive = PageferryProcess.in(folder).start(command.toArray())) {
            migrate(source, receive);
            receive.awaitEnd().completed();
            source.awaitMigration("completed");
        }
        requireGoesOn(machine, image);
    }

    @ParameterizedTest(name = "switchover-ack {0}")
    @ValueSource(strings = {"off", "on"})
    void shouldTakeGuestOfNewestQemuIntoAStoreAndBringItBack(String switchoverAck) throws Exception {
        Path store = folder.resolve("store");
        try (Qemu source = start("pc", switchoverAck);
                PageferryProcess serve =
                        PageferryProcess.in(folder).start("serve", "--listen", "tcp:127.0.0.1:0", "--store", store)) {
            migrate(source, serve);
            source.awaitMigration("completed");
            Eventually.until("image in " + store, () -> images(store).size() == 1);
        }
        requireGoesOn("pc", images(store).getFirst());
    }

    private static List<Path> images(Path store) throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(file -> file.toString().endsWith(".img")).toList();
        }
    }

    private Qemu start(String machine, String switchoverAck) throws Exception {
        Qemu source =
                Qemu.of(QemuVersion.V11_1, folder).machine(machine).guest(GUEST).start();
        GUEST.awaitRunning(source);
        source.enable("multifd", "return-path");
        return switchoverAck.equals("on") ? source.enable("switchover-ack") : source;
    }

    private static void migrate(Qemu source, PageferryProcess destination) {
        source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate(destination.awaitListening());
    }

    private void requireGoesOn(String machine, Path image) throws Exception {
        try (Qemu destination = Qemu.of(QemuVersion.V11_1, folder)
                        .machine(machine)
                        .guest(GUEST)
                        .incoming()
                        .paused()
                        .start();
                ImageMemory memory = ImageMemory.load(image)) {
            destination.enable("return-path");
            Replay.send(image, destination.listen(2), MigrationParameters.defaults());
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
