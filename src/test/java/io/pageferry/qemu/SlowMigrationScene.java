package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Migrations with a real QEMU that are slow enough for something to happen in their middle, and an image that was there
 * before, which they would replace.
 */
abstract class SlowMigrationScene {
    static final DirtyingGuest GUEST = DirtyingGuest.counting();
    static final int CHANNELS = 2;
    static final long MEMORY_BYTES = 64L << 20;

    /** Bytes a second. */
    static final long SLOW = 4_000_000;

    private static final long SOME_BYTES = 2_000_000;
    private static final String OLD_IMAGE = "an image that was there before";

    /** Has an image of a guest for each version, made by the first test that needs it. */
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    Path image;

    private Path images;

    @BeforeEach
    void putOldImage() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        image = Files.writeString(images.resolve("guest.image"), OLD_IMAGE);
    }

    final Qemu start(QemuVersion version) throws Exception {
        return start(Qemu.of(version, folder));
    }

    static Qemu start(Qemu.Builder builder) throws Exception {
        Qemu source = builder.memory(MEMORY_BYTES).guest(GUEST).start();
        GUEST.awaitRunning(source);
        return source;
    }

    final Qemu.Builder destination(QemuVersion version) {
        return Qemu.of(version, folder).memory(MEMORY_BYTES).guest(GUEST).incoming();
    }

    /** Begins a migration that will not end soon, and waits until it is in the middle. */
    static void beginSlowly(Qemu source, MigrationUri uri) {
        source.enable("multifd").set("multifd-channels", CHANNELS).set("max-bandwidth", SLOW);
        source.migrate(uri);
        Eventually.until(
                "bytes of " + source,
                () -> source.queryMigrate().path("ram").path("transferred").asLong(0) > SOME_BYTES);
    }

    /** Waits until a migration to a QEMU is in the middle. */
    static void awaitPages(Qemu destination) {
        Eventually.until("pages in " + destination, () -> GUEST.round(destination.ram()) > 0);
    }

    /** An image of a guest, to be sent. */
    final Path guestOf(QemuVersion version) throws Exception {
        Path guest = shared.resolve(version.number());
        if (Files.notExists(guest)) {
            try (Qemu source = start(version)) {
                Reception.take(source, guest, MigrationParameters.defaults());
            }
        }
        return guest;
    }

    final void requireOldImageOnly() throws IOException {
        assertEquals(OLD_IMAGE, Files.readString(image));
        try (Stream<Path> files = Files.list(images)) {
            assertEquals(List.of(image), files.toList());
        }
    }
}
