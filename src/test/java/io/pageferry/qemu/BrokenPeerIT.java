package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A QEMU that dies, gives up, or is set up otherwise: one clear line, nothing left behind, and what was there before
 * untouched.
 */
@RealQemu
@LeakFree
@Timeout(120)
class BrokenPeerIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final String OLD_IMAGE = "an image that was there before";
    private static final int CHANNELS = 2;
    private static final long MEMORY_BYTES = 64L << 20;

    /** Bytes a second: slow enough for anything to happen in the middle. */
    private static final long SLOW = 4_000_000;

    private static final long SOME_BYTES = 2_000_000;

    /** Of tests that run into it; no other has to wait for it. */
    private static final Duration SHORT_STALL_TIMEOUT = Duration.ofSeconds(1);

    private static final String ENDED = "stream must not end in the middle: ";
    private static final String NO_ANSWER =
            "destination must answer before it closes (its log says why): main channel awaited=\"SHUT\"";
    private static final String SILENT = "peer must not be silent for longer than stall-timeout: ";

    /** Has an image of a guest for each version, made by the first test that needs it. */
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private Path images;
    private Path image;

    @BeforeEach
    void putOldImage() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        image = Files.writeString(images.resolve("guest.image"), OLD_IMAGE);
    }

    @ParameterizedTest
    @EachQemu
    void shouldKeepOldImageWhenSourceIsKilled(QemuVersion version) throws Exception {
        try (Qemu source = start(version);
                Reception reception = Reception.start(image, parameters(CHANNELS))) {
            beginSlowly(source, reception.uri().toString());
            source.kill();
            requireBeginning(ENDED, reception.awaitFailed());
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EachQemu
    void shouldKeepOldImageWhenSourceCancels(QemuVersion version) throws Exception {
        try (Qemu source = start(version);
                Reception reception = Reception.start(image, parameters(CHANNELS))) {
            beginSlowly(source, reception.uri().toString());
            source.qmp().execute("migrate_cancel");
            requireBeginning(ENDED, reception.awaitFailed());
            source.awaitMigration("cancelled");
            GUEST.awaitNextRound(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest(name = "QEMU {0}: source {1}, pageferry {2}")
    @CsvSource({"10.0, 2, 4", "10.0, 4, 2", "10.0, 16, 2", "7.2, 2, 4", "7.2, 4, 2", "7.2, 16, 2"})
    void shouldNameMultifdChannelsWhenSourceHasOthers(String version, int sourceChannels, int channels)
            throws Exception {
        try (Qemu source = start(QemuVersion.of(version));
                Reception reception = Reception.start(image, parameters(channels))) {
            source.enable("multifd").set("multifd-channels", sourceChannels);
            source.migrate(reception.uri());
            String line = reception.awaitFailed();
            assertTrue(line.contains("multifd-channels"), line);
            // What becomes of the source is its own affair: QEMU 7.2 crashes now and then, if it is still connecting.
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationIsKilled(QemuVersion version) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = destination(version).start();
                Replay replay = Replay.start(
                        guest,
                        destination.listen(CHANNELS),
                        MigrationParameters.builder().maxBandwidth(SLOW).build())) {
            awaitPages(destination);
            destination.kill();
            requireBeginning(NO_ANSWER, replay.awaitFailed());
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationHasAnotherMachine(QemuVersion version) throws Exception {
        requireRefused(version, destination(version).machine("q35"));
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationHasLessRam(QemuVersion version) throws Exception {
        requireRefused(version, destination(version).memory(MEMORY_BYTES / 2));
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationHasMoreRam(QemuVersion version) throws Exception {
        requireRefused(version, destination(version).memory(MEMORY_BYTES * 2));
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationAwaitsMoreChannels(QemuVersion version) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = destination(version).start();
                Replay replay = Replay.start(guest, destination.listen(CHANNELS + 2), parameters(CHANNELS))) {
            requireBeginning(SILENT, replay.awaitFailed());
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationAwaitsFewerChannels(QemuVersion version) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = destination(version).start();
                Replay replay = Replay.start(guest, destination.listen(CHANNELS), parameters(CHANNELS + 2))) {
            // It depends on which come first: one that it does not know makes it end all, others it closes or does not
            // accept.
            String line = replay.awaitFailed();
            assertTrue(
                    Stream.of(
                                    NO_ANSWER,
                                    "connection must not break: channel=",
                                    "destination must not close a channel before all is sent",
                                    SILENT + "channel=")
                            .anyMatch(line::startsWith),
                    line);
        }
    }

    @Test
    void shouldEndWithOneLineWhenSourceIsKilled() throws Exception {
        try (Qemu source = start(QemuVersion.V10_0);
                PageferryProcess receive = PageferryProcess.in(folder).start("receive", "tcp:127.0.0.1:0", image)) {
            beginSlowly(source, receive.awaitListening());
            source.kill();
            requireBeginning("pageferry: receive: " + ENDED, receive.awaitEnd().failed(1));
        }
        requireOldImageOnly();
    }

    @Test
    void shouldEndWithOneLineWhenDestinationIsKilled() throws Exception {
        Path guest = guestOf(QemuVersion.V10_0);
        try (Qemu destination = destination(QemuVersion.V10_0).start();
                PageferryProcess send = PageferryProcess.in(folder)
                        .start("send", guest, destination.listen(CHANNELS), "--max-bandwidth", SLOW)) {
            awaitPages(destination);
            destination.kill();
            requireBeginning("pageferry: send: " + NO_ANSWER, send.awaitEnd().failed(1));
        }
    }

    private Qemu start(QemuVersion version) throws Exception {
        Qemu source = Qemu.of(version, folder).memory(MEMORY_BYTES).guest(GUEST).start();
        GUEST.awaitRunning(source);
        return source;
    }

    private Qemu.Builder destination(QemuVersion version) {
        return Qemu.of(version, folder).memory(MEMORY_BYTES).guest(GUEST).incoming();
    }

    private static MigrationParameters parameters(int channels) {
        return MigrationParameters.builder()
                .multifdChannels(channels)
                .stallTimeout(SHORT_STALL_TIMEOUT)
                .build();
    }

    /** Begins a migration that will not end soon, and waits until it is in the middle. */
    private static void beginSlowly(Qemu source, String uri) {
        source.enable("multifd").set("multifd-channels", CHANNELS).set("max-bandwidth", SLOW);
        source.migrate(uri);
        Eventually.until(
                "bytes of " + source,
                () -> source.queryMigrate().path("ram").path("transferred").asLong(0) > SOME_BYTES);
    }

    /** Waits until a migration to a QEMU is in the middle. */
    private static void awaitPages(Qemu destination) {
        Eventually.until("pages in " + destination, () -> GUEST.round(destination.ram()) > 0);
    }

    /** An image of a guest, to be sent. */
    private Path guestOf(QemuVersion version) throws Exception {
        Path guest = shared.resolve(version.number());
        if (Files.notExists(guest)) {
            try (Qemu source = start(version)) {
                Reception.take(source, guest, MigrationParameters.defaults());
            }
        }
        return guest;
    }

    private void requireRefused(QemuVersion version, Qemu.Builder unlike) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = unlike.start();
                Replay replay = Replay.start(guest, destination.listen(CHANNELS), MigrationParameters.defaults())) {
            // Some answer, some only close.
            String line = replay.awaitFailed();
            assertTrue(line.startsWith("destination must ") && line.contains("(its log says why)"), line);
        }
    }

    private static void requireBeginning(String expected, String line) {
        assertTrue(line.startsWith(expected), line);
    }

    private void requireOldImageOnly() throws IOException {
        assertEquals(OLD_IMAGE, Files.readString(image));
        try (Stream<Path> files = Files.list(images)) {
            assertEquals(List.of(image), files.toList());
        }
    }
}
