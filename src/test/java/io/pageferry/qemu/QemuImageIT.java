package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Images are QEMU's own: what one of the two has written the other one reads. */
@RealQemu
@LeakFree
@Timeout(120)
class QemuImageIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    /** More than our end of the RAM section takes. */
    private static final int MAX_END_OF_RAM_BYTES = 32;

    /** A line of {@code info ramblock}: name, page size, offset, used length, total length. */
    private static final Pattern RAM_BLOCK =
            Pattern.compile("\\s*(\\S+)\\s+\\d+ KiB\\s+0x\\p{XDigit}+\\s+0x(\\p{XDigit}+)\\s+0x\\p{XDigit}+.*");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0}, direct-io {1}")
    @CsvSource({"10.0, false", "11.1, true"})
    void shouldBeLoadedByQemuWhenReceived(String version, boolean directIo) throws Exception {
        Path image = folder.resolve("received.image");
        receive(version, image, directIo);
        try (Qemu qemu = qemu(version).incoming().paused().start();
                ImageMemory memory = ImageMemory.load(image)) {
            load(qemu, "file:" + image, directIo);
            GuestRam.requireSame(memory.ram(), qemu.ram());
            requireGoesOn(qemu, GUEST.round(memory.ram()));
        }
    }

    @ParameterizedTest(name = "QEMU {0}, multifd {1}, direct-io {2}, offset {3}")
    @CsvSource({
        "10.0, true, false, 0",
        "11.1, false, false, 0",
        "10.0, false, false, 12288",
        "11.1, true, true, 0",
        "10.0, true, true, 1048576"
    })
    void shouldBeSentWhenSavedByQemu(String version, boolean multifd, boolean directIo, long offset) throws Exception {
        String saved = "file:" + folder.resolve("saved.image") + (offset == 0 ? "" : ",offset=" + offset);
        try (Qemu source = qemu(version).start();
                Qemu destination = qemu(version).incoming().paused().start()) {
            GUEST.awaitRunning(source);
            if (multifd) {
                source.enable("multifd");
            }
            source.enable("mapped-ram").set("direct-io", directIo).migrate(saved);
            source.awaitMigration("completed");
            List<Object> send = new ArrayList<>(List.of("send", saved, destination.listen(2)));
            if (directIo) {
                send.add("--direct-io");
            }
            PageferryProcess.in(folder).run(send.toArray()).completed();
            GuestRam.requireSame(source.ram(), destination.ram());
            requireGoesOn(destination, GUEST.round(source.ram()));
        }
    }

    @Test
    void shouldBeLoadedByQemuWhenCopiedToAnOffset() throws Exception {
        String saved = "file:" + folder.resolve("saved.image");
        String copy = "file:" + folder.resolve("copy.image") + ",offset=4096";
        try (Qemu source = qemu().start();
                Qemu destination = qemu().incoming().paused().start()) {
            GUEST.awaitRunning(source);
            save(source, saved);
            PageferryProcess.in(folder).run("send", saved, copy).completed();
            load(destination, copy, false);
            GuestRam.requireSame(source.ram(), destination.ram());
        }
    }

    @ParameterizedTest(name = "QEMU {0}")
    @ValueSource(strings = {"10.0", "11.1"})
    void shouldBeLaidOutAsQemuDoes(String version) throws Exception {
        Path saved = folder.resolve("saved.image");
        Path received = folder.resolve("received.image");
        try (Qemu first = qemu(version).start()) {
            GUEST.awaitRunning(first);
            save(first, "file:" + saved);
        }
        // The same guest at the same moment again, to be migrated: the first QEMU does not let it go twice.
        try (Qemu second = qemu(version).incoming().paused().start()) {
            load(second, "file:" + saved, false);
            disable(second, "mapped-ram");
            Reception.take(second, received, MigrationParameters.defaults());
        }
        try (Image qemus = Image.open(saved, 0, MigrationParameters.DEFAULT_MAX_RAM, false);
                Image ours = Image.open(received, 0, MigrationParameters.DEFAULT_MAX_RAM, false)) {
            // QEMU has a section for each round between the pages and the end of RAM, and we have none.
            long endOfPages = ours.fileBytes() - ours.deviceState().lengthBytes() - MAX_END_OF_RAM_BYTES;
            long mismatch = Files.mismatch(saved, received);
            assertTrue(mismatch >= endOfPages, "mismatch=" + mismatch + " endOfPages=" + endOfPages);
            assertEquals(
                    qemus.deviceState().description().devices(),
                    ours.deviceState().description().devices());
        }
    }

    @Test
    void shouldBeInspectedAsTheMonitorHasIt() throws Exception {
        Path saved = folder.resolve("saved.image");
        try (Qemu qemu = qemu().start()) {
            GUEST.awaitRunning(qemu);
            save(qemu, "file:" + saved);
            JsonNode inspected = PageferryProcess.in(folder)
                    .run("inspect", saved, "--json")
                    .completed()
                    .json();

            String machine = qemu.qmp()
                    .execute("qom-get", Map.of("path", "/machine", "property", "type"))
                    .asString();
            assertEquals(machine, inspected.path("machine").asString() + "-machine");
            assertEquals(
                    qemu.queryMigrate().path("ram").path("total").asLong(),
                    inspected.path("ram").path("total").asLong());
            Map<String, Long> sizes = new TreeMap<>();
            inspected
                    .path("ram")
                    .path("blocks")
                    .forEach(block -> sizes.put(
                            block.path("name").asString(), block.path("size").asLong()));
            assertEquals(ramBlocks(qemu), sizes);
        }
    }

    private Qemu.Builder qemu() {
        return qemu("10.0");
    }

    private Qemu.Builder qemu(String version) {
        return Qemu.of(QemuVersion.of(version), folder).guest(GUEST);
    }

    /** Lets a QEMU save its guest as it does by itself. */
    private static void save(Qemu source, String uri) {
        source.enable("multifd", "mapped-ram").migrate(uri);
        source.awaitMigration("completed");
    }

    private static void load(Qemu destination, String uri, boolean directIo) {
        destination.enable("multifd", "mapped-ram").set("direct-io", directIo);
        destination.migrateIncoming(uri);
        destination.awaitMigration("completed");
        destination.awaitRunState("paused");
    }

    private static void disable(Qemu qemu, String capability) {
        qemu.qmp().execute("migrate-set-capabilities", Map.of("capabilities", new Object[] {
            Map.of("capability", capability, "state", false)
        }));
    }

    private void receive(String version, Path image, boolean directIo) throws Exception {
        try (Qemu source = qemu(version).start()) {
            GUEST.awaitRunning(source);
            Reception.take(
                    source,
                    image,
                    MigrationParameters.builder().directIo(directIo).build());
        }
    }

    private static void requireGoesOn(Qemu qemu, long round) {
        qemu.resume();
        GUEST.awaitNextRound(qemu);
        qemu.stop();
        GUEST.requireConsistent(qemu.ram());
        assertTrue(GUEST.round(qemu.ram()) > round, "counts on from where it stopped");
        assertFalse(qemu.serial().text().contains("boot"), "has not begun anew");
    }

    /** Names and lengths of the RAM blocks, as QEMU lists them for people. */
    private static Map<String, Long> ramBlocks(Qemu qemu) {
        Map<String, Long> blocks = new TreeMap<>();
        qemu.qmp()
                .execute("human-monitor-command", Map.of("command-line", "info ramblock"))
                .asString()
                .lines()
                .map(RAM_BLOCK::matcher)
                .filter(Matcher::matches)
                .forEach(line -> blocks.put(line.group(1), Long.parseLong(line.group(2), 16)));
        return blocks;
    }
}
