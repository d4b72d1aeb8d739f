package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsSettings;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A migration with a real QEMU is stopped here: QEMU sees it, and a source goes on with its guest. */
@RealQemu
@LeakFree
@Timeout(120)
class StopIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final String OLD_IMAGE = "an image that was there before";
    private static final int CHANNELS = 2;
    private static final long MEMORY_BYTES = 64L << 20;

    /** Bytes a second: slow enough for anything to happen in the middle. */
    private static final long SLOW = 4_000_000;

    private static final long SOME_BYTES = 2_000_000;

    /** Has an image of a guest for each version, made by the first test that needs it. */
    @TempDir
    static Path shared;

    private static TlsFolders tls;

    @TempDir
    Path folder;

    private Path images;
    private Path image;

    @BeforeAll
    static void makeCredentials() throws IOException {
        tls = TlsFolders.create(shared);
    }

    @BeforeEach
    void putOldImage() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        image = Files.writeString(images.resolve("guest.image"), OLD_IMAGE);
    }

    static Stream<Arguments> versionsAndStops() {
        return QemuVersion.OF_MATRIX.stream()
                .flatMap(version -> Arrays.stream(Stop.values()).map(stop -> Arguments.of(version, stop)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("versionsAndStops")
    void shouldLeaveSourceItsGuestWhenStoppedInTheMiddle(QemuVersion version, Stop stop) throws Exception {
        try (Qemu source = start(Qemu.of(version, folder));
                Reception reception = Reception.start(image, parameters())) {
            beginSlowly(source, reception);
            stop.requireEnd(reception.stop(stop));
            requireGoesOn(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveSourceItsGuestWhenStoppedUnderTls(Stop stop) throws Exception {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .tls(TlsSettings.of(tls.defaultHost()))
                .build();
        Qemu.Builder builder = TlsQemus.x509(Qemu.of(QemuVersion.V10_0, folder), tls.defaultHost(), "client", "");
        try (Qemu source = start(builder);
                Reception reception = Reception.start(image, parameters)) {
            source.set("tls-creds", "tls0");
            beginSlowly(source, reception);
            stop.requireEnd(reception.stop(stop));
            requireGoesOn(source);
        }
        requireOldImageOnly();
    }

    /** A source with fewer channels than there should be has no more to say, and would wait. */
    @ParameterizedTest
    @EnumSource
    void shouldLeaveSourceItsGuestWhenStoppedBeforeTheLastChannel(Stop stop) throws Exception {
        try (Qemu source = start(Qemu.of(QemuVersion.V10_0, folder));
                Reception reception = Reception.start(
                        image,
                        MigrationParameters.builder()
                                .multifdChannels(CHANNELS + 1)
                                .build())) {
            source.enable("multifd").set("multifd-channels", CHANNELS).set("max-bandwidth", SLOW);
            source.migrate(reception.uri());
            source.awaitMigration("active");
            stop.requireEnd(reception.stop(stop));
            requireGoesOn(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("versionsAndStops")
    void shouldEndDestinationWhenStoppedInTheMiddle(QemuVersion version, Stop stop) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = Qemu.of(version, folder)
                        .memory(MEMORY_BYTES)
                        .guest(GUEST)
                        .incoming()
                        .start();
                Replay replay = Replay.start(
                        guest,
                        destination.listen(CHANNELS),
                        MigrationParameters.builder()
                                .multifdChannels(CHANNELS)
                                .maxBandwidth(SLOW)
                                .build())) {
            Eventually.until("pages in " + destination, () -> GUEST.round(destination.ram()) > 0);
            stop.requireEnd(replay.stop(stop));
            // Who has no guest has nothing to live for: QEMU says why and exits.
            Eventually.until("end of " + destination, () -> !destination.isAlive());
        }
    }

    private static Qemu start(Qemu.Builder builder) throws Exception {
        Qemu source = builder.memory(MEMORY_BYTES).guest(GUEST).start();
        GUEST.awaitRunning(source);
        return source;
    }

    private static MigrationParameters parameters() {
        return MigrationParameters.builder().multifdChannels(CHANNELS).build();
    }

    /** Begins a migration that will not end soon, and waits until it is in the middle. */
    private static void beginSlowly(Qemu source, Reception reception) {
        source.enable("multifd").set("multifd-channels", CHANNELS).set("max-bandwidth", SLOW);
        source.migrate(reception.uri());
        Eventually.until(
                "bytes of " + source,
                () -> source.queryMigrate().path("ram").path("transferred").asLong(0) > SOME_BYTES);
    }

    private static void requireGoesOn(Qemu source) {
        source.awaitMigration("failed");
        assertEquals("running", source.runState());
        GUEST.awaitNextRound(source);
    }

    /** An image of a guest, to be sent. */
    private Path guestOf(QemuVersion version) throws Exception {
        Path guest = shared.resolve(version.number());
        if (Files.notExists(guest)) {
            try (Qemu source = start(Qemu.of(version, folder))) {
                Reception.take(source, guest, MigrationParameters.defaults());
            }
        }
        return guest;
    }

    private void requireOldImageOnly() throws IOException {
        assertEquals(OLD_IMAGE, Files.readString(image));
        try (Stream<Path> files = Files.list(images)) {
            assertEquals(List.of(image), files.toList());
        }
    }
}
