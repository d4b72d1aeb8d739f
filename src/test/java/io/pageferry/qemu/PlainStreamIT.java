package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.testing.DeviceStates;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Real QEMUs send their guests without multifd channels: all that there is comes with the main stream. */
@RealQemu
@LeakFree
@Timeout(120)
class PlainStreamIT {
    private static final MigrationParameters PARAMETERS = MigrationParameters.defaults();

    @TempDir
    Path folder;

    /** Encodings, and what the source waits for, pairwise with the versions. */
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "V7_2,  pc,            return-path",
        "V7_2,  pc-i440fx-2.4, ''",
        "V7_2,  pc,            xbzrle",
        "V7_2,  pc,            compress return-path",
        "V7_2,  pc-i440fx-2.3, ''",
        "V7_2,  pc-i440fx-2.1, ''",
        "V10_0, pc,            ''",
        "V10_0, pc-q35-8.0,    xbzrle return-path",
        "V10_0, pc,            postcopy-ram return-path",
        "V11_1, pc,            return-path",
        "V11_1, pc-q35-8.0,    ''",
        "V11_1, pc,            xbzrle"
    })
    void shouldTakeARunningGuest(QemuVersion version, String machine, String capabilities) throws Exception {
        DirtyingGuest guest = DirtyingGuest.counting();
        Path image = folder.resolve("image");
        try (Qemu source =
                Qemu.of(version, folder).machine(machine).guest(guest).start()) {
            guest.awaitRunning(source);
            enable(source, capabilities);
            take(source, image);
            try (ImageMemory memory = ImageMemory.load(image)) {
                guest.requireConsistent(memory.ram());
                GuestRam.requireSame(source.ram(), memory.ram());
            }
        }
        if (isNewerThan(machine, "2.3")) {
            requireGoesOn(version, machine, guest, image);
        }
    }

    private static boolean isNewerThan(String machine, String last) {
        return machine.compareTo("pc-i440fx-" + last) > 0 || machine.equals("pc");
    }

    private void requireGoesOn(QemuVersion version, String machine, DirtyingGuest guest, Path image) throws Exception {
        try (Qemu destination = Qemu.of(version, folder)
                .machine(machine)
                .guest(guest)
                .incoming()
                .start()) {
            Replay.send(image, destination.listen(2), PARAMETERS);
            destination.awaitRunState("running");
            guest.awaitNextRound(destination);
        }
    }

    /** Its whole stream is in the sockets' buffers before anybody has read a byte. */
    @ParameterizedTest
    @EnumSource(QemuVersion.class)
    void shouldLoseNoIdleGuestWhoseSourceDoesNotListen(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(version, folder).paused().start()) {
            take(source, image);
            try (ImageMemory memory = ImageMemory.load(image)) {
                GuestRam.requireSame(source.ram(), memory.ram());
            }
        }
    }

    /** The guest runs on; its stream has no end of RAM. */
    @ParameterizedTest
    @EnumSource(QemuVersion.class)
    void shouldTakeABackgroundSnapshot(QemuVersion version) throws Exception {
        DirtyingGuest guest = DirtyingGuest.counting();
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(version, folder).guest(guest).start()) {
            guest.awaitRunning(source);
            source.enable("background-snapshot");
            take(source, image);
            guest.awaitNextRound(source);
        }
        try (ImageMemory memory = ImageMemory.load(image)) {
            guest.requireConsistent(memory.ram());
        }
        requireGoesOn(version, "pc", guest, image);
    }

    /** What QEMU writes so it cannot load itself: its bitmaps are empty. */
    @ParameterizedTest
    @EnumSource(names = {"V10_0", "V11_1"})
    void shouldSalvageABackgroundSnapshotWithMappedRam(QemuVersion version) throws Exception {
        DirtyingGuest guest = DirtyingGuest.counting();
        Path written = folder.resolve("written");
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(version, folder).guest(guest).start()) {
            guest.awaitRunning(source);
            source.enable("background-snapshot", "mapped-ram").migrate("file:" + written);
            source.awaitMigration("completed");
        }
        String refused = PageferryProcess.in(folder)
                .run("convert", written, "stream:" + folder.resolve("stream"))
                .failed(1);
        assertTrue(refused.contains("convert --salvage-pages"), refused);
        PageferryProcess.in(folder)
                .run("convert", "--salvage-pages", written, image)
                .completed();
        try (ImageMemory memory = ImageMemory.load(image)) {
            guest.requireConsistent(memory.ram());
        }
        requireGoesOn(version, "pc", guest, image);
    }

    @ParameterizedTest(name = "{0} multifd {1}")
    @CsvSource({"V10_0, false", "V10_0, true", "V11_1, false", "V11_1, true"})
    void shouldTakeAGuestWithMemoryThatIsPluggedInPart(QemuVersion version, boolean multifd) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = withVirtioMem(version).start()) {
            take(source, image, multifd);
        }
        requireOtherSection(image, "virtio-mem-device-early");
        try (Qemu destination = withVirtioMem(version).incoming().start()) {
            Replay.send(image, destination.listen(2), PARAMETERS);
            destination.awaitMigration("completed");
        }
    }

    private Qemu.Builder withVirtioMem(QemuVersion version) {
        return Qemu.of(version, folder)
                .anonymousRam()
                .paused()
                .with("-m", "64M,maxmem=1G")
                .with("-object", "memory-backend-ram,id=more,size=128M")
                .with("-device", "virtio-mem-pci,memdev=more,addr=5,requested-size=64M");
    }

    @ParameterizedTest(name = "{0} multifd {1}")
    @CsvSource({"V7_2, false", "V10_0, false", "V10_0, true", "V11_1, true"})
    void shouldTakeAGuestWithDirtyBitmaps(QemuVersion version, boolean multifd) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = withDisk(version).start()) {
            source.qmp().execute("block-dirty-bitmap-add", Map.of("node", "disk", "name", "backup"));
            source.enable("dirty-bitmaps");
            take(source, image, multifd);
        }
        requireOtherSection(image, "dirty-bitmap");
        try (Qemu destination = withDisk(version).incoming().start()) {
            destination.enable("dirty-bitmaps");
            Replay.send(image, destination.listen(2), PARAMETERS);
            destination.awaitMigration("completed");
            assertTrue(
                    destination
                            .qmp()
                            .execute("query-named-block-nodes")
                            .toString()
                            .contains("\"backup\""),
                    "the bitmap has come along");
        }
    }

    private Qemu.Builder withDisk(QemuVersion version) {
        return Qemu.of(version, folder)
                .anonymousRam()
                .paused()
                .with("-blockdev", "driver=null-co,node-name=disk,size=1048576");
    }

    /** The image that it becomes is one that QEMU itself loads. */
    @Test
    void shouldBeLoadedByQemuWhenReceivedPlainly() throws Exception {
        DirtyingGuest guest = DirtyingGuest.counting();
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(QemuVersion.V10_0, folder).guest(guest).start()) {
            guest.awaitRunning(source);
            take(source, image);
        }
        try (Qemu destination =
                Qemu.of(QemuVersion.V10_0, folder).guest(guest).incoming().start()) {
            destination.enable("mapped-ram").migrateIncoming("file:" + image);
            destination.awaitRunState("running");
            guest.awaitNextRound(destination);
        }
    }

    private static void take(Qemu source, Path image) throws Exception {
        take(source, image, false);
    }

    /** From the command line, which is not told what kind of stream it will be. */
    @ParameterizedTest
    @EnumSource(QemuVersion.class)
    void shouldSayWhatCameWhenItIsReceivedByTheCommand(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(version, folder).paused().start();
                PageferryProcess receive =
                        PageferryProcess.in(folder).start("receive", "tcp:127.0.0.1:0", image, "--json")) {
            source.migrate(receive.awaitListening());
            JsonNode received = receive.awaitEnd().completed().json();
            source.awaitMigration("completed");
            assertEquals("completed", received.path("status").asString());
            JsonNode sent = source.queryMigrate().path("ram");
            for (String number : List.of("total", "normal", "duplicate")) {
                assertEquals(
                        sent.path(number).asLong(),
                        received.path("ram").path(number).asLong(),
                        number + " sent=" + sent + " received=" + received);
            }
        }
    }

    static void take(Qemu source, Path image, boolean multifd) throws Exception {
        if (multifd) {
            Reception.take(source, image, PARAMETERS);
            return;
        }
        try (Reception reception = Reception.start(image, PARAMETERS)) {
            source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate(reception.uri());
            reception.awaitCompleted();
            source.awaitMigration("completed");
        }
    }

    private static void enable(Qemu source, String capabilities) {
        List<String> names = new ArrayList<>(List.of(capabilities.split(" ")));
        names.removeIf(String::isEmpty);
        if (!names.isEmpty()) {
            source.enable(names.toArray(String[]::new));
        }
    }

    /** A section of another device has been kept with the guest, and all of its state is as its description says. */
    static void requireOtherSection(Path path, String idstr) throws Exception {
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
            String bytes = new String(DeviceStates.bytes(image.deviceState()), StandardCharsets.ISO_8859_1);
            assertTrue(bytes.contains(idstr), idstr + " must be kept");
            image.deviceState().requireAsDescribed();
            assertEquals(0, image.deviceStateBesideRam().pieces().size());
        }
    }
}
