package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Migrations under TLS with a real QEMU at the other end, over TCP. */
abstract class TlsScene {
    static final int CHANNELS = 3;

    static final DirtyingGuest GUEST = DirtyingGuest.counting();

    @TempDir
    static Path shared;

    static TlsFolders folders;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() throws IOException {
        folders = TlsFolders.create(shared);
    }

    /** Gives a QEMU its credentials, as either end of a migration. */
    interface Credentials {
        Qemu.Builder addTo(Qemu.Builder qemu, String endpoint);
    }

    /** Has a guest migrate there and back, with every page compared. */
    final void requireSameThereAndBack(QemuVersion version, Credentials credentials, MigrationParameters parameters)
            throws Exception {
        Path image = folder.resolve("image");
        Qemu.Builder outgoing = Qemu.of(version, folder).guest(GUEST);
        try (Qemu source = TlsQemus.start(credentials.addTo(outgoing, "client"));
                Reception reception = Reception.start(image, parameters)) {
            GUEST.awaitRunning(source);
            migrate(source, reception);
            reception.awaitCompleted();
            source.awaitMigration("completed");
            requireSame(source, image);
        }
        Qemu.Builder incoming = Qemu.of(version, folder).guest(GUEST).incoming().paused();
        try (Qemu destination = TlsQemus.start(credentials.addTo(incoming, "server"))) {
            Replay.send(image, destination.listen(CHANNELS), parameters);
            destination.awaitRunState("paused");
            requireSame(destination, image);
            destination.resume();
            GUEST.awaitNextRound(destination);
            assertFalse(destination.serial().text().contains("boot"), "has not begun anew");
        }
    }

    /** With a source that waits for its destination's word: one that does not may be done before it is refused. */
    static void migrateForAnswer(Qemu source, Reception reception) {
        source.enable("return-path");
        migrate(source, reception);
    }

    /** Has a guest come without multifd, all on the one connection. */
    final void requireSameWhenPlain(QemuVersion version, Credentials credentials, MigrationParameters parameters)
            throws Exception {
        Path image = folder.resolve("image");
        Qemu.Builder outgoing = Qemu.of(version, folder).guest(GUEST);
        try (Qemu source = TlsQemus.start(credentials.addTo(outgoing, "client"));
                Reception reception = Reception.start(image, parameters)) {
            GUEST.awaitRunning(source);
            source.enable("return-path").set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
            source.migrate(reception.uri());
            reception.awaitCompleted();
            source.awaitMigration("completed");
            requireSame(source, image);
        }
    }

    static void migrate(Qemu source, Reception reception) {
        source.enable("multifd").set("multifd-channels", CHANNELS).set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
        source.migrate(reception.uri());
    }

    /**
     * What goes with {@link #migrate}.
     *
     * @param tls null for none
     */
    static MigrationParameters parameters(TlsSettings tls) {
        return MigrationParameters.builder().multifdChannels(CHANNELS).tls(tls).build();
    }

    /** An image of a guest that its QEMU takes, made by the first test that needs it. */
    final Path image(QemuVersion version) throws Exception {
        Path image = shared.resolve("image-" + version.number());
        if (Files.notExists(image)) {
            try (Qemu source = Qemu.of(version, folder).start()) {
                Reception.take(source, image, parameters(null));
            }
        }
        return image;
    }

    static void requireSame(Qemu qemu, Path image) throws Exception {
        try (ImageMemory memory = ImageMemory.load(image)) {
            GuestRam.requireSame(qemu.ram(), memory.ram());
        }
    }

    static void requireMatches(String pattern, String line) {
        assertTrue(line.matches(pattern), line);
    }
}
