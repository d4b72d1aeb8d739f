package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.session.IncomingMigration;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.testing.GoldenImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder for a store, and guests for it that come from an image of QEMU's own. */
abstract class StoreScene {
    static final UUID GUEST = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
    static final MigrationParameters PARAMETERS = MigrationParameters.defaults();

    @TempDir
    Path folder;

    Path golden;
    Path root;

    @BeforeEach
    void putAnImageThere() throws IOException {
        golden = folder.resolve("golden");
        Files.write(golden, GoldenImage.bytes());
        root = folder.resolve("store");
    }

    static String folderOf(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    ImageStore open(Instant now, Retention retention) throws StoreException {
        return FolderStore.open(root, retention, 0, Clock.fixed(now, ZoneOffset.UTC));
    }

    String take(ImageStore store, Optional<UUID> guest) throws IOException {
        return take(store, guest, Optional.empty());
    }

    String take(ImageStore store, Optional<UUID> guest, Optional<String> owner) throws IOException {
        try (StoreDestination destination = store.receive(guest, owner, PARAMETERS)) {
            assertEquals(Optional.empty(), run(destination));
            return destination.name();
        }
    }

    Optional<Throwable> run(StoreDestination destination) throws IOException {
        Image image = Image.open(golden, 0, PARAMETERS.maxRam(), false);
        return IncomingMigration.from(image, PARAMETERS, destination).run().failure();
    }

    PageSink open(StoreDestination destination, long ramBytes) throws IOException {
        try (Image image = Image.open(golden, 0, PARAMETERS.maxRam(), false)) {
            RamLayout layout = new RamLayout(4096, List.of("pc.ram"), new long[] {ramBytes});
            return destination.open(image.configuration(), image.ramSection(), layout);
        }
    }

    static List<String> entries(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    static final class SettableClock extends Clock {
        Instant now;

        SettableClock(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
