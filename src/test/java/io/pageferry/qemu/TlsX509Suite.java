package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * QEMU's own tests {@code /migration/multifd/tcp/tls/x509/…} and {@code /migration/precopy/tcp/tls/x509/…}, with
 * pageferry in the place of either QEMU.
 */
@RealQemu
@LeakFree
@Timeout(120)
abstract class TlsX509Suite extends TlsScene {
    private static final Duration SHORT_STALL_TIMEOUT = Duration.ofSeconds(1);
    private static final String VERIFY = ",verify-peer=on";
    private static final String TRUST = ",verify-peer=off";

    /** default-host, and each version of TLS on each version of QEMU: there and back, with every page compared. */
    @ParameterizedTest(name = "QEMU {0}, TLS {1}")
    @CsvSource({"10.0, 1.3", "10.0, 1.2", "7.2, 1.3", "7.2, 1.2"})
    void shouldGoOnWhereItStoppedWhenServerIsDefaultHost(String number, String tls) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        String only = VERIFY + TlsQemus.onlyTls(tls);
        requireSameThereAndBack(
                version,
                (qemu, endpoint) -> TlsQemus.x509(qemu, folders.defaultHost(), endpoint, only),
                parameters(TlsSettings.of(folders.defaultHost())));
    }

    /** The source waits for its destination's word, so its channels are open when the destination has all. */
    @ParameterizedTest
    @EachQemu
    void shouldReceiveWhenSourceHasReturnPath(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = client(version, folders.defaultHost());
                Reception reception = Reception.start(image, parameters(TlsSettings.of(folders.defaultHost())))) {
            migrateForAnswer(source, reception);
            reception.awaitCompleted();
            source.awaitMigration("completed");
            requireSame(source, image);
        }
    }

    /** Up to machine type 9.2 nothing says that its sessions end, and nobody tells it what has become of its guest. */
    @ParameterizedTest(name = "{0}, {1}, multifd {2}")
    @CsvSource({
        "V7_2, pc, true",
        "V7_2, pc, false",
        "V10_0, pc-i440fx-9.2, true",
        "V10_0, pc, false",
        "V11_1, pc-i440fx-9.2, false"
    })
    void shouldLoseNoGuestWhenItsSourceJustCloses(QemuVersion version, String machine, boolean multifd)
            throws Exception {
        Path image = folder.resolve("image");
        Qemu.Builder outgoing = Qemu.of(version, folder).machine(machine).guest(GUEST);
        try (Qemu source = TlsQemus.start(TlsQemus.x509(outgoing, folders.defaultHost(), "client", VERIFY));
                Reception reception = Reception.start(image, parameters(TlsSettings.of(folders.defaultHost())))) {
            GUEST.awaitRunning(source);
            if (multifd) {
                migrate(source, reception);
            } else {
                source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate(reception.uri());
            }
            reception.awaitCompleted();
            source.awaitMigration("completed");
            requireSame(source, image);
        }
    }

    @Test
    void shouldReceiveWhenSourceHasNoMultifd() throws Exception {
        requireSameWhenPlain(
                QemuVersion.V11_1,
                (qemu, endpoint) -> TlsQemus.x509(qemu, folders.defaultHost(), endpoint, VERIFY),
                parameters(TlsSettings.of(folders.defaultHost())));
    }

    @ParameterizedTest
    @EachQemu
    void shouldReceiveWhenSourceOverridesHost(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = client(version, folders.defaultHost());
                Reception reception = Reception.start(image, parameters(TlsSettings.of(folders.otherHost())))) {
            source.set("tls-hostname", TlsFolders.OTHER_HOST);
            migrate(source, reception);
            reception.awaitCompleted();
            requireSame(source, image);
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldSendWhenHostIsOverridden(QemuVersion version) throws Exception {
        TlsSettings settings = TlsSettings.of(folders.otherHost()).withHostname(TlsFolders.OTHER_HOST);
        try (Qemu destination = server(version, folders.otherHost(), VERIFY)) {
            Replay.send(image(version), destination.listen(CHANNELS), parameters(settings));
            destination.awaitMigration("completed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldSayThatSourceRefusesWhenServerIsMismatchingHost(QemuVersion version) throws Exception {
        try (Qemu source = client(version, folders.otherHost());
                Reception reception =
                        Reception.start(folder.resolve("image"), parameters(TlsSettings.of(folders.otherHost())))) {
            migrateForAnswer(source, reception);
            String line = reception.awaitFailed();
            assertTrue(line.startsWith("peer must not "), line);
            source.awaitMigration("failed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldRefuseServerWhenItIsMismatchingHost(QemuVersion version) throws Exception {
        try (Qemu destination = server(version, folders.otherHost(), VERIFY);
                Replay replay = Replay.start(
                        image(version),
                        destination.listen(CHANNELS),
                        parameters(TlsSettings.of(folders.otherHost())))) {
            requireMatches(
                    "server's certificate must be for the host, set tls-hostname where it is for another: main channel"
                            + " peer=\\S+"
                            + " host=127.0.0.1 certificate=\"O=Pageferry Tests,CN=server\""
                            + " certifiedHosts=\\[qemu.org\\]",
                    replay.awaitFailed());
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldReceiveWhenClientIsFriendly(QemuVersion version) throws Exception {
        for (String rule : List.of(TlsFolders.CLIENT, "glob:*,O=Pageferry Tests")) {
            Path image = folder.resolve("image");
            TlsSettings settings = TlsSettings.of(folders.defaultHost()).withAuthz(TlsAuthz.of(List.of(rule)));
            try (Qemu source = client(version, folders.defaultHost());
                    Reception reception = Reception.start(image, parameters(settings))) {
                migrate(source, reception);
                reception.awaitCompleted();
                requireSame(source, image);
            }
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldRefuseClientWhenItIsHostile(QemuVersion version) throws Exception {
        TlsSettings settings = TlsSettings.of(folders.defaultHost()).withAuthz(TlsAuthz.of(List.of("glob:CN=friend*")));
        try (Qemu source = client(version, folders.defaultHost());
                Reception reception = Reception.start(folder.resolve("image"), parameters(settings))) {
            migrateForAnswer(source, reception);
            requireMatches(
                    "client must be one that tls-authz allows: connection from \\S+ name=\"" + TlsFolders.CLIENT + "\"",
                    reception.awaitFailed());
            source.awaitMigration("failed");
        }
    }

    /** What QEMU's authorization compares is the same name that ours does. */
    @ParameterizedTest(name = "QEMU {0}, identity {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0 | CN=client,O=Pageferry Tests | true",
                "10.0 | CN=friend,O=Pageferry Tests | false",
                "7.2  | CN=client,O=Pageferry Tests | true",
                "7.2  | CN=friend,O=Pageferry Tests | false"
            })
    void shouldBeWhoQemuAllowsOrNot(String number, String identity, boolean allowed) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        Qemu.Builder qemu = Qemu.of(version, folder)
                .incoming()
                .with("-object", "authz-simple,id=authz0,identity=" + identity.replace(",", ",,"));
        try (Qemu destination = TlsQemus.start(TlsQemus.x509(qemu, folders.defaultHost(), "server", VERIFY))) {
            destination.set("tls-authz", "authz0");
            MigrationParameters parameters = parameters(TlsSettings.of(folders.defaultHost()));
            try (Replay replay = Replay.start(image(version), destination.listen(CHANNELS), parameters)) {
                if (allowed) {
                    destination.awaitMigration("completed");
                } else {
                    requireClosedEarly(replay.awaitFailed());
                }
            }
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldRefuseClientWhenItIsOfAnotherCa(QemuVersion version) throws Exception {
        // QEMU itself would not show such a certificate, unless told not to look at it.
        try (Qemu source = TlsQemus.start(TlsQemus.x509(
                        Qemu.of(version, folder), folders.otherCaClient(), "client", VERIFY + ",sanity-check=off"));
                Reception reception =
                        Reception.start(folder.resolve("image"), parameters(TlsSettings.of(folders.defaultHost())))) {
            migrateForAnswer(source, reception);
            String line = reception.awaitFailed();
            assertTrue(
                    line.startsWith("client's certificate must be signed by a CA of ca-cert.pem: ")
                            || line.startsWith("client must have a certificate"),
                    line);
            source.awaitMigration("failed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldReceiveWhenAnonymousClientIsAllowed(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        TlsSettings settings = TlsSettings.of(folders.defaultHost()).withVerifyPeer(false);
        try (Qemu source = client(version, folders.noCertificate());
                Reception reception = Reception.start(image, parameters(settings))) {
            migrate(source, reception);
            reception.awaitCompleted();
            requireSame(source, image);
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldRefuseClientWhenItIsAnonymous(QemuVersion version) throws Exception {
        try (Qemu source = client(version, folders.noCertificate());
                Reception reception =
                        Reception.start(folder.resolve("image"), parameters(TlsSettings.of(folders.defaultHost())))) {
            migrateForAnswer(source, reception);
            requireMatches(
                    "client must have a certificate, or verify-peer must be off here: connection from \\S+",
                    reception.awaitFailed());
            source.awaitMigration("failed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldSendWithoutCertificateWhenDestinationAllowsIt(QemuVersion version) throws Exception {
        try (Qemu destination = server(version, folders.defaultHost(), TRUST)) {
            Replay.send(
                    image(version), destination.listen(CHANNELS), parameters(TlsSettings.of(folders.noCertificate())));
            destination.awaitMigration("completed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWithoutCertificateWhenDestinationWantsOne(QemuVersion version) throws Exception {
        try (Qemu destination = server(version, folders.defaultHost(), VERIFY);
                Replay replay = Replay.start(
                        image(version),
                        destination.listen(CHANNELS),
                        parameters(TlsSettings.of(folders.noCertificate())))) {
            requireClosedEarly(replay.awaitFailed());
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldAdviseWhenSourceIsPlain(QemuVersion version) throws Exception {
        try (Qemu source = Qemu.of(version, folder).start();
                Reception reception =
                        Reception.start(folder.resolve("image"), parameters(TlsSettings.of(folders.defaultHost())))) {
            migrateForAnswer(source, reception);
            requireMatches(
                    "peer must speak TLS, set tls-creds on both ends or on none: connection from \\S+"
                            + " firstBytes=0x(5145564d|11223344) .*",
                    reception.awaitFailed());
            source.awaitMigration("failed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldAdviseWhenOnlySourceHasTls(QemuVersion version) throws Exception {
        try (Qemu source = client(version, folders.defaultHost());
                Reception reception = Reception.start(folder.resolve("image"), parameters(null))) {
            migrateForAnswer(source, reception);
            requireMatches(
                    "source must not speak TLS where tls-creds are not set, set them on both ends or on none: peer=\\S+"
                            + " firstBytes=0x1603\\w+",
                    reception.awaitFailed());
            source.awaitMigration("failed");
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldAdviseWhenDestinationIsPlain(QemuVersion version) throws Exception {
        // QEMU 7.2 takes what comes for a main channel, and does not look at it before all channels are there.
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .stallTimeout(SHORT_STALL_TIMEOUT)
                .tls(TlsSettings.of(folders.defaultHost()))
                .build();
        try (Qemu destination = Qemu.of(version, folder).incoming().start();
                Replay replay = Replay.start(image(version), destination.listen(CHANNELS), parameters)) {
            String line = replay.awaitFailed();
            assertTrue(line.contains("tls-creds"), line);
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenOnlyDestinationHasTls(QemuVersion version) throws Exception {
        try (Qemu destination = server(version, folders.defaultHost(), VERIFY);
                Replay replay = Replay.start(image(version), destination.listen(CHANNELS), parameters(null))) {
            requireClosedEarly(replay.awaitFailed());
        }
    }

    private Qemu client(QemuVersion version, Path credentials) throws Exception {
        return TlsQemus.start(TlsQemus.x509(Qemu.of(version, folder), credentials, "client", VERIFY));
    }

    private Qemu server(QemuVersion version, Path credentials, String verifyPeer) throws Exception {
        return TlsQemus.start(TlsQemus.x509(Qemu.of(version, folder).incoming(), credentials, "server", verifyPeer));
    }

    private static void requireClosedEarly(String line) {
        assertEquals("destination must answer before it closes", line.split(" \\(")[0], line);
    }
}
