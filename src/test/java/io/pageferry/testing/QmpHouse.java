package io.pageferry.testing;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.control.qmp.QmpServer;
import io.pageferry.server.Server;
import io.pageferry.server.ServerSettings;
import io.pageferry.server.StoreHost;
import io.pageferry.session.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole server in this process with a QMP socket. Closing it ends everything of it. */
public record QmpHouse(ImageStore store, Migrations migrations, Server server, QmpServer qmp) implements AutoCloseable {
    private static final int MAX_CLIENTS = 4;

    /** Puts all that it needs into a folder. */
    public static QmpHouse open(Path folder) throws IOException {
        return open(folder, null);
    }

    /**
     * The same with credentials.
     *
     * @param tls null for none
     */
    public static QmpHouse open(Path folder, TlsSettings tls) throws IOException {
        MigrationParameters parameters = MigrationParameters.builder()
                .stallTimeout(Duration.ofSeconds(20))
                .tls(tls)
                .build();
        ImageStore store =
                ImageStore.open(folder.resolve("store"), new Retention(0, Optional.empty()), 0, Clock.systemUTC());
        Migrations migrations = new Migrations(10, 10);
        ServerSettings settings = new ServerSettings(
                List.of(new MigrationUri.Unix(folder.resolve("guests"))),
                false,
                parameters,
                ServerSettings.DEFAULT_MAX_CONNECTIONS,
                0,
                Map.of());
        Server server = Server.start(settings, store, migrations);
        QmpServer qmp = QmpServer.start(
                new MigrationUri.Unix(folder.resolve("qmp")), new StoreHost(server, parameters), MAX_CLIENTS);
        return new QmpHouse(store, migrations, server, qmp);
    }

    /** Where clients connect. */
    public Path monitor() {
        return ((MigrationUri.Unix) qmp.uri()).path();
    }

    @Override
    public void close() {
        qmp.close();
        server.close();
        migrations.close();
        store.close();
    }
}
