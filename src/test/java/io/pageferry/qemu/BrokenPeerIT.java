package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A QEMU that dies, gives up, or is set up otherwise: one clear line, nothing left behind, and what was there before untouched. */
@RealQemu
@Timeout(120)
class BrokenPeerIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final String OLD_IMAGE = "an image that was there before";

    /** Bytes a second: slow enough for anything to happen in the middle. */
    private static final long SLOW = 4_000_000;

    private static final long SOME_BYTES = 2_000_000;

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
    @EnumSource
    void shouldKeepOldImageWhenSourceIsKilled(QemuVersion version) throws Exception {
        try (Qemu source = start(version);
                PageferryCommand receive = receive(2)) {
            beginSlowly(source, 2, receive.awaitListening());
            source.kill();
            requireFailure(receive.awaitFailed(), "pageferry: receive: ", "must not ");
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepOldImageWhenSourceCancels(QemuVersion version) throws Exception {
        try (Qemu source = start(version);
                PageferryCommand receive = receive(2)) {
            beginSlowly(source, 2, receive.awaitListening());
            source.qmp().execute("migrate_cancel");
            requireFailure(receive.awaitFailed(), "pageferry: receive: ", "must not ");
            source.awaitMigration("cancelled");
            GUEST.awaitNextRound(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest(name = "QEMU {0}: source {1}, pageferry {2}")
    @CsvSource({"10.0, 2, 4", "10.0, 4, 2", "10.0, 16, 2", "7.2, 16, 2", "7.2, 2, 4", "7.2, 4, 2"})
    void shouldSayHowManyChannelsAreAwaitedWhenSourceHasOthers(String version, int sourceChannels, int channels)
            throws Exception {
        try (Qemu source = start(QemuVersion.of(version));
                PageferryCommand receive = receive(channels, "--stall-timeout", "2s")) {
            source.enable("multifd").set("multifd-channels", sourceChannels);
            source.migrate(receive.awaitListening());
            requireFailure(receive.awaitFailed(), "pageferry: receive: ", "multifd-channels");
            source.awaitMigration("failed");
            GUEST.awaitNextRound(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailWhenDestinationIsKilled(QemuVersion version) throws Exception {
        checkpoint(version);
        try (Qemu destination = destination(version, "pc", 2);
                PageferryCommand send = PageferryCommand.start(
                        folder,
                        "send",
                        image,
                        destination.migrateIncoming("tcp:127.0.0.1:0"),
                        "--max-bandwidth",
                        SLOW)) {
            Eventually.until("pages in " + destination, () -> GUEST.round(destination.ram()) > 0);
            destination.kill();
            requireFailure(send.awaitFailed(), "pageferry: send: destination must answer before it closes", "log");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailWhenDestinationHasAnotherMachine(QemuVersion version) throws Exception {
        checkpoint(version);
        try (Qemu destination = destination(version, "q35", 2);
                PageferryCommand send =
                        PageferryCommand.start(folder, "send", image, destination.migrateIncoming("tcp:127.0.0.1:0"))) {
            requireFailure(send.awaitFailed(), "pageferry: send: destination must answer before it closes", "log");
        }
    }

    @ParameterizedTest(name = "QEMU {0}: destination {1}, pageferry {2}")
    @CsvSource({"10.0, 2, 4", "10.0, 4, 2", "7.2, 2, 4", "7.2, 4, 2"})
    void shouldFailWhenDestinationHasOtherChannels(String version, int destinationChannels, int channels)
            throws Exception {
        checkpoint(QemuVersion.of(version));
        try (Qemu destination = destination(QemuVersion.of(version), "pc", destinationChannels);
                PageferryCommand send = PageferryCommand.start(
                        folder,
                        "send",
                        image,
                        destination.migrateIncoming("tcp:127.0.0.1:0"),
                        "--multifd-channels",
                        channels,
                        "--stall-timeout",
                        "2s")) {
            requireFailure(send.awaitFailed(), "pageferry: send: ", "must not");
        }
    }

    private Qemu start(QemuVersion version) throws Exception {
        Qemu source = Qemu.of(version, folder).guest(GUEST).start();
        GUEST.awaitRunning(source);
        return source;
    }

    private Qemu destination(QemuVersion version, String machine, int channels) throws Exception {
        Qemu qemu = Qemu.of(version, folder)
                .machine(machine)
                .guest(GUEST)
                .incoming()
                .start();
        return qemu.enable("multifd").set("multifd-channels", channels);
    }

    private PageferryCommand receive(int channels, Object... more) throws Exception {
        Object[] command = Stream.concat(
                        Stream.of("receive", "tcp:127.0.0.1:0", image, "--multifd-channels", channels), Stream.of(more))
                .toArray();
        return PageferryCommand.start(folder, command);
    }

    /** Begins a migration that will not end soon, and waits until it is in the middle. */
    private static void beginSlowly(Qemu source, int channels, String uri) {
        source.enable("multifd").set("multifd-channels", channels).set("max-bandwidth", SLOW);
        source.migrate(uri);
        Eventually.until(
                "bytes of " + source,
                () -> source.queryMigrate().path("ram").path("transferred").asLong(0) > SOME_BYTES);
    }

    /** Puts a good image in the old one's place. */
    private void checkpoint(QemuVersion version) throws Exception {
        try (Qemu source = start(version);
                Reception reception = Reception.start(image, MigrationParameters.defaults())) {
            source.enable("multifd").set("downtime-limit", 2000);
            source.migrate(reception.uri());
            reception.awaitCompleted();
        }
    }

    private static void requireFailure(String line, String beginning, String rule) {
        System.out.println(line);
        assertTrue(line.startsWith(beginning) && line.contains(rule), line);
    }

    private void requireOldImageOnly() throws IOException {
        assertEquals(OLD_IMAGE, Files.readString(image));
        try (Stream<Path> files = Files.list(images)) {
            assertEquals(List.of(image), files.toList());
        }
    }
}
