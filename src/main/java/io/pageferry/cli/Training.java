package io.pageferry.cli;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.PendingImage;
import io.pageferry.server.Server;
import io.pageferry.server.ServerSettings;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.Destination;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.folder.FolderStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The migrations that the JVM learns from: one of each kind that users make, over loopback, in this process. */
final class Training {
    /** Long enough for the JVM to see which methods are hot. */
    private static final GuestShape GUEST = new GuestShape(64 << 20, 0, 0.25, 0.5, 1);

    private static final List<MultifdCompression> KNOWN =
            List.of(MultifdCompression.NONE, MultifdCompression.ZLIB, MultifdCompression.ZSTD);

    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(10);

    private Training() {}

    static void run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("prime");
        try (SyntheticGuest guest = new SyntheticGuest(GUEST)) {
            for (MultifdCompression compression : KNOWN) {
                try (Destination destination = new MemoryDestination()) {
                    migrate(guest, destination, parameters(compression));
                }
            }
            Path image = folder.resolve("guest.img");
            MigrationParameters plain = parameters(MultifdCompression.NONE);
            try (Destination destination = CheckpointDestination.of(PendingImage.at(image, plain.directIo()), plain)) {
                migrate(guest, destination, plain);
            }
            command("receive", "file:" + image, folder.resolve("another.img").toString());
            sendToServer(image, folder.resolve("store"), plain);
        } finally {
            delete(folder);
        }
    }

    private static MigrationParameters parameters(MultifdCompression compression) {
        return MigrationParameters.builder().compression(compression).build();
    }

    private static void migrate(SyntheticGuest guest, Destination destination, MigrationParameters parameters)
            throws IOException, InterruptedException {
        try (LoopbackMigration migration =
                new LoopbackMigration(new SyntheticOutgoingGuest(guest), destination, parameters)) {
            MigrationOutcome outcome = migration.run();
            if (!outcome.completed()) {
                Throwable failure = outcome.failure().orElseThrow();
                throw new IOException("training must migrate: reason=\"" + Ending.describe(failure) + "\"", failure);
            }
        }
    }

    private static void sendToServer(Path image, Path folder, MigrationParameters parameters)
            throws IOException, InterruptedException {
        ServerSettings settings = new ServerSettings(
                List.of(ANY_PORT), false, parameters, ServerSettings.DEFAULT_MAX_CONNECTIONS, 0, Map.of());
        try (ImageStore store = FolderStore.open(folder, new Retention(0, Optional.empty()), 0, Clock.systemUTC());
                Migrations migrations = new Migrations(1, Migrations.DEFAULT_ENDED_KEPT);
                Server server = Server.start(settings, store, migrations)) {
            command("send", image.toString(), server.uris().getFirst().toString());
            server.drain(DRAIN_TIMEOUT);
        }
    }

    private static void command(String... line) throws IOException {
        int code = Main.run(line);
        if (code != ExitCode.COMPLETED) {
            throw new IOException("training must be able to " + line[0] + ": exitCode=" + code);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
