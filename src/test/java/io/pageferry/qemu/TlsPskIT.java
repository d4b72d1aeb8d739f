package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsSettings;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** QEMU's own tests {@code /migration/multifd/tcp/tls/psk/…}, with pageferry in the place of either QEMU. */
@RealQemu
@LeakFree
@Timeout(120)
class TlsPskIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final int CHANNELS = 3;

    @TempDir
    static Path shared;

    private static TlsFolders folders;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() throws IOException {
        folders = TlsFolders.create(shared);
    }

    /** match, with each version of TLS on each version of QEMU: there and back, with every page compared. */
    @ParameterizedTest(name = "QEMU {0}, TLS {1}")
    @CsvSource({"10.0, 1.3", "10.0, 1.2", "7.2, 1.3", "7.2, 1.2"})
    void shouldGoOnWhereItStoppedWhenKeysMatch(String number, String tls) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        String only = TlsQemus.onlyTls(tls);
        MigrationParameters parameters = parameters(folders.psk());
        Path image = folder.resolve("image");
        try (Qemu source = TlsQemus.start(
                        TlsQemus.psk(Qemu.of(version, folder).guest(GUEST), folders.psk(), "client", only));
                Reception reception = Reception.start(image, parameters)) {
            GUEST.awaitRunning(source);
            migrate(source, reception);
            reception.awaitCompleted();
            source.awaitMigration("completed");
            requireSame(source, image);
        }
        try (Qemu destination = TlsQemus.start(TlsQemus.psk(
                Qemu.of(version, folder).guest(GUEST).incoming().paused(), folders.psk(), "server", only))) {
            Replay.send(image, destination.listen(CHANNELS), parameters);
            destination.awaitRunState("paused");
            requireSame(destination, image);
            destination.resume();
            GUEST.awaitNextRound(destination);
            assertFalse(destination.serial().text().contains("boot"), "has not begun anew");
        }
    }

    /** Both ends offer all they have, and the source waits for its destination's word. */
    @ParameterizedTest
    @EachQemu
    void shouldReceiveWhenSourceHasReturnPath(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = TlsQemus.start(TlsQemus.psk(Qemu.of(version, folder), folders.psk(), "client", ""));
                Reception reception = Reception.start(image, parameters(folders.psk()))) {
            migrateForAnswer(source, reception);
            reception.awaitCompleted();
            source.awaitMigration("completed");
            requireSame(source, image);
        }
    }

    @ParameterizedTest(name = "QEMU {0}, TLS {1}")
    @CsvSource({"10.0, 1.3", "10.0, 1.2", "7.2, 1.3", "7.2, 1.2"})
    void shouldRefuseSourceWhenKeysMismatch(String number, String tls) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        try (Qemu source = TlsQemus.start(
                        TlsQemus.psk(Qemu.of(version, folder), folders.otherPsk(), "client", TlsQemus.onlyTls(tls)));
                Reception reception = Reception.start(folder.resolve("image"), parameters(folders.psk()))) {
            migrateForAnswer(source, reception);
            requireMatches(
                    "client must have the key that keys.psk has for it: connection from \\S+ username=\"qemu\""
                            + " alert=.*",
                    reception.awaitFailed());
            source.awaitMigration("failed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldRefuseSourceWhenItsUserIsUnknown(QemuVersion version) throws Exception {
        Path other = Files.createDirectory(folder.resolve("other-user"));
        Files.writeString(other.resolve("keys.psk"), "stranger:009d5638c40fde0c\n");
        try (Qemu source =
                        TlsQemus.start(TlsQemus.psk(Qemu.of(version, folder), other, "client", ",username=stranger"));
                Reception reception = Reception.start(folder.resolve("image"), parameters(folders.psk()))) {
            migrateForAnswer(source, reception);
            requireMatches(
                    "client must be a user of keys.psk: connection from \\S+ username=\"stranger\" alert=.*",
                    reception.awaitFailed());
            source.awaitMigration("failed");
        }
    }

    @ParameterizedTest(name = "QEMU {0}, TLS {1}")
    @CsvSource({"10.0, 1.3", "10.0, 1.2", "7.2, 1.3", "7.2, 1.2"})
    void shouldFailWhenDestinationHasAnotherKey(String number, String tls) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        try (Qemu destination = TlsQemus.start(TlsQemus.psk(
                        Qemu.of(version, folder).incoming(), folders.otherPsk(), "server", TlsQemus.onlyTls(tls)));
                Replay replay = Replay.start(image(version), destination.listen(CHANNELS), parameters(folders.psk()))) {
            String line = replay.awaitFailed();
            assertTrue(
                    line.startsWith("server must have the same key for the user, see its keys.psk: main channel")
                            || line.startsWith("server must not close before the TLS handshake is done"),
                    line);
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldAdviseWhenSourceIsPlain(QemuVersion version) throws Exception {
        try (Qemu source = Qemu.of(version, folder).start();
                Reception reception = Reception.start(folder.resolve("image"), parameters(folders.psk()))) {
            migrateForAnswer(source, reception);
            requireMatches(
                    "peer must speak TLS, set tls-creds on both ends or on none: connection from \\S+ firstBytes=.*",
                    reception.awaitFailed());
            source.awaitMigration("failed");
        }
    }

    /** With a source that waits for its destination's word: one that does not may be done before it is refused. */
    private static void migrateForAnswer(Qemu source, Reception reception) {
        source.enable("return-path");
        migrate(source, reception);
    }

    private static void migrate(Qemu source, Reception reception) {
        source.enable("multifd").set("multifd-channels", CHANNELS).set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
        source.migrate(reception.uri());
    }

    private static MigrationParameters parameters(Path credentials) {
        return MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .tls(TlsSettings.of(credentials))
                .build();
    }

    /** An image of a guest that its QEMU takes, made by the first test that needs it. */
    private Path image(QemuVersion version) throws Exception {
        Path image = shared.resolve("image-" + version.number());
        if (Files.notExists(image)) {
            try (Qemu source = Qemu.of(version, folder).start()) {
                Reception.take(source, image, MigrationParameters.defaults());
            }
        }
        return image;
    }

    private static void requireSame(Qemu qemu, Path image) throws Exception {
        try (ImageMemory memory = ImageMemory.load(image)) {
            GuestRam.requireSame(qemu.ram(), memory.ram());
        }
    }

    private static void requireMatches(String pattern, String line) {
        assertTrue(line.matches(pattern), line);
    }
}
