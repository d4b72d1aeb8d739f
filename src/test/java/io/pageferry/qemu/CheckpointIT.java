package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pageferry.testing.PageferryProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a user does: one command takes a running guest from a QEMU, another one brings it back. */
@RealQemu
@Timeout(120)
class CheckpointIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    /** It is on the channels whatever the source is asked for, and a QEMU takes only its own guest's. */
    private static final String UUID = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0}, {1}")
    @CsvSource({"11.1, pc", "10.0, pc", "7.2, q35"})
    void shouldBringBackWhatWasReceivedOverTcp(String version, String machine) throws Exception {
        requireThereAndBack(QemuVersion.of(version), machine, "tcp:127.0.0.1:0", "tcp:127.0.0.1:0");
    }

    @ParameterizedTest(name = "QEMU {0}, {1}")
    @CsvSource({"11.1, q35", "10.0, q35", "7.2, pc"})
    void shouldBringBackWhatWasReceivedOverUnixSockets(String version, String machine) throws Exception {
        requireThereAndBack(
                QemuVersion.of(version),
                machine,
                "unix:" + folder.resolve("to-pageferry"),
                "unix:" + folder.resolve("to-qemu"));
    }

    private void requireThereAndBack(QemuVersion version, String machine, String receiveUri, String incomingUri)
            throws Exception {
        Path image = folder.resolve("guest.image");
        receive(version, machine, receiveUri, image);
        // Anonymous RAM before and a memory file now: the block has the same name, so that does not matter.
        try (Qemu destination = Qemu.of(version, folder)
                .machine(machine)
                .with("-uuid", UUID)
                .guest(GUEST)
                .incoming()
                .start()) {
            destination.enable("multifd").set("multifd-channels", 4);
            JsonNode sent = PageferryProcess.in(folder)
                    .run("send", image, destination.migrateIncoming(incomingUri), "--multifd-channels", 4, "--json")
                    .completed()
                    .json();
            assertEquals("completed", sent.path("status").asString());
            destination.awaitMigration("completed");
            destination.awaitRunState("running");
            GUEST.awaitNextRound(destination);
            destination.stop();
            GUEST.requireConsistent(destination.ram());
            assertFalse(destination.serial().text().contains("boot"), "has not begun anew");
        }
    }

    private void receive(QemuVersion version, String machine, String uri, Path image) throws Exception {
        try (Qemu source = Qemu.of(version, folder)
                        .machine(machine)
                        .with("-uuid", UUID)
                        .anonymousRam()
                        .guest(GUEST)
                        .start();
                PageferryProcess receive =
                        PageferryProcess.in(folder).start("receive", uri, image, "--multifd-channels", 4, "--json")) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path").set("multifd-channels", 4);
            source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
            source.migrate(receive.awaitListening());
            JsonNode received = receive.awaitEnd().completed().json();
            source.awaitMigration("completed");
            assertEquals("completed", received.path("status").asString());
            assertEquals(
                    source.queryMigrate().path("ram").path("total"),
                    received.path("ram").path("total"));
        }
    }
}
