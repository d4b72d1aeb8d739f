package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsSettings;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** QEMU's own tests {@code /migration/multifd/tcp/tls/psk/…}, with pageferry in the place of either QEMU. */
@RealQemu
@LeakFree
@Timeout(120)
class TlsPskIT extends TlsScene {
    /** match, with each version of TLS on each version of QEMU: there and back, with every page compared. */
    @ParameterizedTest(name = "QEMU {0}, TLS {1}")
    @CsvSource({"11.1, 1.3", "10.0, 1.3", "10.0, 1.2", "7.2, 1.3", "7.2, 1.2"})
    void shouldGoOnWhereItStoppedWhenKeysMatch(String number, String tls) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        String only = TlsQemus.onlyTls(tls);
        requireSameThereAndBack(
                version,
                (qemu, endpoint) -> TlsQemus.psk(qemu, folders.psk(), endpoint, only),
                parameters(folders.psk()));
    }

    @Test
    void shouldReceiveWhenSourceHasNoMultifd() throws Exception {
        requireSameWhenPlain(
                QemuVersion.V7_2,
                (qemu, endpoint) -> TlsQemus.psk(qemu, folders.psk(), endpoint, ""),
                parameters(folders.psk()));
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
    @CsvSource({"11.1, 1.3", "10.0, 1.3", "10.0, 1.2", "7.2, 1.3", "7.2, 1.2"})
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
    @CsvSource({"11.1, 1.3", "10.0, 1.3", "10.0, 1.2", "7.2, 1.3", "7.2, 1.2"})
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

    private static MigrationParameters parameters(Path credentials) {
        return parameters(TlsSettings.of(credentials));
    }
}
