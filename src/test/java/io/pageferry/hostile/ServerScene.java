package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.net.Listener;
import io.pageferry.server.Server;
import io.pageferry.server.ServerSettings;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderStore;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A server with a store, whose guests are those of {@link GuestSources}. */
abstract class ServerScene {
    static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    ImageStore store;
    Migrations migrations;
    Server server;

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
        migrations.close();
        store.close();
    }

    Void sendTo(StoredImage image) throws IOException {
        MigrationParameters parameters = parameters().build();
        try (MemoryDestination memory = new MemoryDestination()) {
            Listener listener = Listener.open(ANY_PORT, 8);
            server.migrate(image.name(), listener.uri(), parameters);
            int guest = (int) image.guest().orElseThrow().getLeastSignificantBits() - 1;
            MigrationOutcome outcome = IncomingMigration.from(
                            listener, Optional.of(GuestSources.uuid(guest)), parameters, memory)
                    .run();
            assertEquals(Optional.empty(), outcome.failure());
            for (int page = 0; page < 4; page++) {
                byte first = memory.memory()
                        .region(memory.memory().layout().block(0))
                        .segment()
                        .get(ValueLayout.JAVA_BYTE, (long) page * Source.PAGE);
                assertEquals(GuestSources.contentOf(guest, page), first);
            }
        }
        return null;
    }

    static MigrationParameters.Builder parameters() {
        return MigrationParameters.builder().multifdChannels(Source.CHANNELS).maxRam(1 << 20);
    }

    void start(MigrationParameters parameters, int maxMigrations, int maxConnections) throws IOException {
        start(parameters, maxMigrations, maxConnections, 0);
    }

    void start(MigrationParameters parameters, int maxMigrations, int maxConnections, long hostBandwidth)
            throws IOException {
        start(parameters, maxMigrations, maxConnections, hostBandwidth, Map.of());
    }

    void start(
            MigrationParameters parameters,
            int maxMigrations,
            int maxConnections,
            long hostBandwidth,
            Map<UUID, Integer> weights)
            throws IOException {
        if (store == null) {
            store = FolderStore.open(folder.resolve("store"), Retention.ALL, 0, Clock.systemUTC());
        }
        migrations = new Migrations(maxMigrations, 100);
        server = Server.start(
                new ServerSettings(List.of(ANY_PORT), false, parameters, maxConnections, hostBandwidth, weights),
                store,
                migrations);
    }

    /** Has a guest come, and waits until it is here. */
    void take(int guest) throws Exception {
        int before = store.list().size();
        try (GuestSources crowd = new GuestSources(server.uris().getFirst())) {
            crowd.release();
            crowd.begin(GuestSources.source(guest));
            crowd.awaitClosed();
        }
        assertTrue(migrations.awaitNone(LONG));
        assertEquals(
                before + 1,
                store.list().size(),
                migrations.list().getLast().outcome().toString());
    }
}
