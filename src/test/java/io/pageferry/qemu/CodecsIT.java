package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TlsSettings;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * QEMU's own {@code multifd/tcp/plain/qpl} and {@code qatzip}, with Pageferry at either end: a QEMU without the
 * accelerators does in software what it would have them do. {@code scripts/test-codecs} runs this.
 */
@RealQemu(withCodecs = true)
@LeakFree
@Timeout(120)
class CodecsIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final long RANDOM_BYTES = 32L << 20;

    @TempDir
    static Path shared;

    private static TlsFolders folders;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() throws IOException {
        folders = TlsFolders.create(shared);
    }

    /** From a QEMU that runs to one that runs on, by way of an image. */
    @ParameterizedTest(name = "{0}, channels {1}, TLS {2}, zero pages {3}")
    @CsvSource({
        "qpl, 1, NONE, MULTIFD",
        "qpl, 4, NONE, NONE",
        "qpl, 16, X509, LEGACY",
        "qpl, 3, PSK, MULTIFD",
        "qatzip, 1, NONE, LEGACY",
        "qatzip, 4, NONE, MULTIFD",
        "qatzip, 16, PSK, NONE",
        "qatzip, 3, X509, MULTIFD"
    })
    void shouldGoOnWhereItStopped(String method, int channels, MatrixCell.Tls tls, ZeroPageDetection zeroPages)
            throws Exception {
        MigrationParameters parameters = builder(method)
                .multifdChannels(channels)
                .zeroPageDetection(zeroPages)
                .tls(settings(tls))
                .build();
        Path image = folder.resolve("image");
        try (Qemu source = start(tls, "client", qemu(GUEST))) {
            GUEST.awaitRunning(source);
            source.set("zero-page-detection", zeroPages.qemuName());
            CompressedMigration.receive(source, image, parameters);
            GUEST.requireConsistent(source.ram());
        }
        try (Qemu destination = start(tls, "server", qemu(GUEST).incoming().paused())) {
            CompressedMigration.send(image, destination, parameters);
            GUEST.requireGoesOn(destination);
        }
    }

    /** Where nothing is gained qpl has the pages as they are, and qatzip's are longer than they were. */
    @ParameterizedTest
    @ValueSource(strings = {"qpl", "qatzip"})
    void shouldHaveSameMemoryWhenPagesAreRandom(String method) throws Exception {
        RandomGuest guest = new RandomGuest(RANDOM_BYTES);
        MigrationParameters parameters = builder(method).build();
        Path image = folder.resolve("image");
        try (Qemu source = qemu(guest).memory(RANDOM_BYTES).start()) {
            guest.awaitRunning(source);
            CompressedMigration.receive(source, image, parameters);
        }
        try (Qemu destination =
                qemu(guest).memory(RANDOM_BYTES).incoming().paused().start()) {
            CompressedMigration.send(image, destination, parameters);
        }
    }

    /** QEMU's when it sends, and ours when we do. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 9})
    void shouldHaveSameMemoryWhateverTheLevelIs(int level) throws Exception {
        MigrationParameters parameters = builder("qatzip").qatzipLevel(level).build();
        Path image = folder.resolve("image");
        try (Qemu source = qemu(GUEST).start()) {
            GUEST.awaitRunning(source);
            source.stop(); // with more effort it may send less than the guest dirties
            source.set("multifd-qatzip-level", level);
            CompressedMigration.receive(source, image, parameters);
        }
        try (Qemu destination = qemu(GUEST).incoming().paused().start()) {
            CompressedMigration.send(image, destination, parameters);
        }
    }

    /** As it is started by users. */
    @ParameterizedTest
    @ValueSource(strings = {"qpl", "qatzip"})
    void shouldGoThereAndBackByCommand(String method) throws Exception {
        PageferryProcess.Launch launch = PageferryProcess.in(folder);
        try (Qemu source = qemu(GUEST).start();
                PageferryProcess reception = launch.start(
                        "receive", "--multifd-compression", method, "tcp:127.0.0.1:0", folder.resolve("image"))) {
            GUEST.awaitRunning(source);
            source.enable("multifd")
                    .set("multifd-compression", method)
                    .set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS)
                    .migrate(reception.awaitListening());
            reception.awaitEnd().completed();
            source.awaitMigration("completed");
            try (Qemu destination = qemu(GUEST).incoming().paused().start()) {
                destination.set("multifd-compression", method);
                launch.run("send", "--multifd-compression", method, folder.resolve("image"), destination.listen(2))
                        .completed();
                destination.awaitRunState("paused");
                GuestRam.requireSame(source.ram(), destination.ram());
                GUEST.requireGoesOn(destination);
            }
        }
    }

    /** The two ends are told different things: the one that finds out says what to set. */
    @ParameterizedTest(name = "{0} is sent, {1} agreed")
    @CsvSource({"qpl, none", "qatzip, qpl", "zstd, qatzip", "none, qpl"})
    void shouldRefuseMethodWhenItIsNotTheAgreedOne(String sent, String agreed) throws Exception {
        try (Qemu source = qemu(GUEST).start();
                Reception reception =
                        Reception.start(folder.resolve("image"), builder(agreed).build())) {
            GUEST.awaitRunning(source);
            source.enable("multifd").set("multifd-compression", sent).migrate(reception.uri());
            String line = reception.awaitFailed();
            assertTrue(line.contains(" compression=" + sent + " agreed=" + agreed + " "), line);
        }
    }

    /** QEMU finds it out, and closes. */
    @ParameterizedTest(name = "{0} is sent, {1} agreed")
    @CsvSource({"qpl, qatzip", "qatzip, qpl", "uadk, qatzip"})
    void shouldFailWhenQemuIsToldOfAnotherMethod(String sent, String agreed) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = qemu(GUEST).start()) {
            GUEST.awaitRunning(source);
            Reception.take(source, image, MigrationParameters.defaults());
        }
        try (Qemu destination = qemu(GUEST).incoming().paused().start()) {
            destination.set("multifd-compression", agreed);
            try (Replay replay =
                    Replay.start(image, destination.listen(2), builder(sent).build())) {
                String line = replay.awaitFailed();
                assertTrue(
                        line.startsWith("destination must answer before it closes (its log says why): ")
                                || line.startsWith("connection must not break: ")
                                || line.startsWith("destination must not close a channel before all is sent "),
                        line);
            }
        }
    }

    private Qemu.Builder qemu(Guest guest) {
        return Qemu.withCodecs(folder).guest(guest);
    }

    private static MigrationParameters.Builder builder(String method) {
        return MigrationParameters.builder().compression(MultifdCompression.valueOf(method.toUpperCase(Locale.ROOT)));
    }

    private static TlsSettings settings(MatrixCell.Tls tls) {
        return switch (tls) {
            case NONE -> null;
            case X509 -> TlsSettings.of(folders.defaultHost());
            case PSK -> TlsSettings.of(folders.psk());
        };
    }

    private static Qemu start(MatrixCell.Tls tls, String endpoint, Qemu.Builder qemu) throws Exception {
        return switch (tls) {
            case NONE -> qemu.start();
            case X509 -> TlsQemus.start(TlsQemus.x509(qemu, folders.defaultHost(), endpoint, ",verify-peer=on"));
            case PSK -> TlsQemus.start(TlsQemus.psk(qemu, folders.psk(), endpoint, ""));
        };
    }
}
