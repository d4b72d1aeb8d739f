package io.pageferry.testing;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.control.qmp.QmpServers;
import io.pageferry.control.qmp.QmpSettings;
import io.pageferry.server.Server;
import io.pageferry.server.ServerSettings;
import io.pageferry.server.StoreHost;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.folder.FolderStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole server in this process with a QMP socket. Closing it ends everything of it. */
public record QmpFixture(ImageStore store, Migrations migrations, Server server, QmpServers qmp)
        implements AutoCloseable {
    private static final int MAX_CLIENTS = 4;

    /** Puts all that it needs into a folder. */
    public static QmpFixture open(Path folder) throws IOException {
        return open(folder, (TlsSettings) null);
    }

    /**
     * The same with credentials.
     *
     * @param tls null for none
     */
    public static QmpFixture open(Path folder, TlsSettings tls) throws IOException {
        return open(
                folder,
                tls,
                QmpSettings.of(List.of("unix:" + folder.resolve("qmp")), Optional.empty(), false)
                        .withMaxClients(MAX_CLIENTS)
                        .withWriteTimeout(Duration.ofSeconds(5)));
    }

    /** The same with monitors elsewhere. */
    public static QmpFixture open(Path folder, QmpSettings settings) throws IOException {
        return open(folder, null, settings);
    }

    private static QmpFixture open(Path folder, TlsSettings tls, QmpSettings settings) throws IOException {
        MigrationParameters parameters = MigrationParameters.builder()
                .stallTimeout(Duration.ofSeconds(20))
                .tls(tls)
                .build();
        ImageStore store =
                FolderStore.open(folder.resolve("store"), new Retention(0, Optional.empty()), 0, Clock.systemUTC());
        Migrations migrations = new Migrations(10, 10);
        ServerSettings serverSettings = new ServerSettings(
                List.of(new MigrationUri.Unix(folder.resolve("guests"))),
                false,
                parameters,
                ServerSettings.DEFAULT_MAX_CONNECTIONS,
                0,
                Map.of());
        Server server = Server.start(serverSettings, store, migrations);
        try {
            QmpServers qmp = QmpServers.start(settings, new StoreHost(server, parameters));
            return new QmpFixture(store, migrations, server, qmp);
        } catch (IOException | RuntimeException e) {
            server.close();
            migrations.close();
            store.close();
            throw e;
        }
    }

    /** How many clients were refused, for a reason. */
    public long refusals(String reason) {
        return server.refusalCounters().counts().getOrDefault(reason, 0L);
    }

    /** Where clients connect. */
    public Path monitor() {
        return ((MigrationUri.Unix) qmp.uris().getFirst()).path();
    }

    /** The same where it is TCP. */
    public int port() {
        return ((MigrationUri.Tcp) qmp.uris().getFirst()).port();
    }

    @Override
    public void close() {
        qmp.close();
        server.close();
        migrations.close();
        store.close();
    }
}
