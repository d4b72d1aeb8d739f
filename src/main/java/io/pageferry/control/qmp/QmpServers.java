package io.pageferry.control.qmp;

import io.pageferry.config.MigrationUri;
import io.pageferry.net.NetException;
import java.util.ArrayList;
import java.util.List;

/** QMP at any number of addresses. For any thread. */
public final class QmpServers implements AutoCloseable {
    /** What clients are refused for. */
    public static final List<String> REFUSALS = List.of(
            QmpServer.HANDSHAKE,
            QmpServer.MAX_CLIENTS,
            ClientProtocol.HTTP.reason(),
            ClientProtocol.TLS.reason(),
            ClientProtocol.OTHER.reason());

    private final List<QmpServer> servers = new ArrayList<>();

    private QmpServers() {}

    /**
     * Begins to listen at all addresses, or else at none.
     *
     * @throws NetException where one cannot be listened at, or the files that TLS needs are missing or wrong
     */
    public static QmpServers start(QmpSettings settings, MigrationHost host) throws NetException {
        QmpServers all = new QmpServers();
        try {
            for (QmpAddress address : settings.addresses()) {
                all.servers.add(QmpServer.start(address, settings, host));
            }
        } catch (Throwable e) {
            all.close();
            throw e;
        }
        return all;
    }

    /** Where they listen, with the real ports. */
    public List<MigrationUri> uris() {
        return servers.stream().map(QmpServer::uri).toList();
    }

    /**
     * Reads the files of TLS again, for clients that connect from now on.
     *
     * @throws NetException where they are missing or wrong; what was read before stays in use
     */
    public void reloadTls() throws NetException {
        for (QmpServer server : servers) {
            server.reloadTls();
        }
    }

    @Override
    public void close() {
        servers.forEach(QmpServer::close);
    }
}
