package io.pageferry.control.qmp;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** QMP at any number of addresses. */
public final class QmpServers implements AutoCloseable {
    private final List<QmpServer> servers = new ArrayList<>();

    private QmpServers() {}

    /** Begins to listen at all addresses, or else at none. */
    public static QmpServers start(List<String> uris, MigrationHost host) throws IOException {
        QmpServers all = new QmpServers();
        try {
            for (String uri : uris) {
                all.servers.add(QmpServer.start(MigrationUri.parse(uri), host, QmpServer.DEFAULT_MAX_CLIENTS));
            }
        } catch (IOException | RuntimeException e) {
            all.close();
            throw e;
        }
        return all;
    }

    /** Where they listen, with the real ports. */
    public List<MigrationUri> uris() {
        return servers.stream().map(QmpServer::uri).toList();
    }

    @Override
    public void close() {
        servers.forEach(QmpServer::close);
    }
}
