package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsSettings;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * Pages go to a QEMU in the main stream: plainly, without multifd; beside multifd channels that only sync; and as a
 * file.
 */
@RealQemu
@LeakFree
@Timeout(120)
class PlainSendIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.turningZero();
    private static final MigrationParameters PLAIN = plain().build();
    private static final MigrationParameters CAREFUL =
            MigrationParameters.builder().pagesOnMainChannel(true).build();

    @TempDir
    Path folder;

    private Path image;

    /** On both sides of what machine types differ in: when channels are waited for, and who looks for zero pages. */
    @ParameterizedTest(name = "QEMU {0}, {1}")
    @CsvSource({
        "7.2, pc-i440fx-7.2",
        "10.0, pc-i440fx-7.2",
        "10.0, pc-i440fx-10.0",
        "11.1, pc-i440fx-8.0",
        "11.1, pc-i440fx-11.1"
    })
    void shouldGoOnWhereItStopped(String number, String machine) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        take(version, machine);
        Path stream = Conversion.toStream(image, folder.resolve("stream"));
        try (Qemu plain = incoming(version, machine).start();
                Qemu careful = incoming(version, machine).start();
                Qemu loaded = incoming(version, machine).start()) {
            Replay.send(image, plain.migrateIncoming("tcp:127.0.0.1:0"), PLAIN);
            Replay.send(image, careful.listen(CAREFUL.multifdChannels()), CAREFUL);
            loaded.migrateIncoming("exec:cat " + stream);
            requireGoesOn(plain);
            requireGoesOn(careful);
            requireGoesOn(loaded);
        }
    }

    @Test
    void shouldGoOnWhereItStoppedWhenQemuRunsTheConversion() throws Exception {
        take(QemuVersion.V10_0, "q35");
        try (Qemu qemu = incoming(QemuVersion.V10_0, "q35").start()) {
            qemu.migrateIncoming("exec:" + PageferryProcess.JAVA + " -jar " + PageferryProcess.JAR + " convert " + image
                    + " stream:-");
            requireGoesOn(qemu);
        }
    }

    @ParameterizedTest(name = "QEMU {0}")
    @CsvSource({"7.2, 1.2", "11.1, 1.3"})
    void shouldGoOnWhereItStoppedUnderTls(String number, String tls) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        Files.writeString(folder.resolve("keys.psk"), "qemu:009d5638c40fde0c\n");
        take(version, "pc");
        MigrationParameters parameters = plain().tls(TlsSettings.of(folder)).build();
        try (Qemu qemu =
                TlsQemus.start(TlsQemus.psk(incoming(version, "pc"), folder, "server", TlsQemus.onlyTls(tls)))) {
            Replay.send(image, qemu.migrateIncoming("tcp:127.0.0.1:0"), parameters);
            requireGoesOn(qemu);
        }
    }

    @Test
    void shouldSendOnOneConnectionWhenTheCommandSaysSo() throws Exception {
        take(QemuVersion.V7_2, "pc");
        try (Qemu qemu = incoming(QemuVersion.V7_2, "pc").start()) {
            String uri = qemu.enable("return-path").migrateIncoming("unix:" + folder.resolve("socket"));
            JsonNode sent = PageferryProcess.in(folder)
                    .run("send", "--multifd", "off", image, uri, "--json")
                    .completed()
                    .json();
            assertEquals("completed", sent.path("status").asString());
            assertEquals(0, sent.path("ram").path("multifd-bytes").asLong());
            requireGoesOn(qemu);
        }
    }

    private static MigrationParameters.Builder plain() {
        return MigrationParameters.builder().disable(MigrationCapability.MULTIFD);
    }

    private void take(QemuVersion version, String machine) throws Exception {
        image = folder.resolve("image");
        try (Qemu source =
                Qemu.of(version, folder).machine(machine).guest(GUEST).start()) {
            GUEST.awaitRunning(source);
            Reception.take(source, image, MigrationParameters.defaults());
        }
    }

    private Qemu.Builder incoming(QemuVersion version, String machine) {
        return Qemu.of(version, folder).machine(machine).guest(GUEST).incoming().paused();
    }

    private void requireGoesOn(Qemu qemu) throws Exception {
        qemu.awaitMigration("completed");
        try (ImageMemory sent = ImageMemory.load(image)) {
            GuestRam.requireSame(sent.ram(), qemu.ram());
        }
        qemu.resume();
        GUEST.awaitNextRound(qemu);
        assertFalse(qemu.serial().text().contains("boot"), "has not begun anew");
    }
}
