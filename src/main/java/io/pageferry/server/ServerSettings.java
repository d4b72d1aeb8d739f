package io.pageferry.server;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import java.util.List;

/**
 * What a server is to be like.
 *
 * @param listen where guests arrive
 * @param parameters of all migrations that come in, {@code multifd-channels} among them; {@code stall-timeout} is also how long a guest's connections may take
 *     to come
 * @param maxConnections how many connections may be here that are not yet a migration's
 */
public record ServerSettings(List<MigrationUri> listen, MigrationParameters parameters, int maxConnections) {
    /** Under TLS each takes some 150 KiB. */
    public static final int DEFAULT_MAX_CONNECTIONS = 1024;

    public ServerSettings {
        listen = List.copyOf(listen);
        if (listen.stream().anyMatch(uri -> uri instanceof MigrationUri.ImageFile)) {
            throw new ConfigException("address to listen at must be a socket's: listen=" + listen);
        }
        if (maxConnections <= parameters.multifdChannels()) {
            throw new ConfigException("max-connections must be as many as one guest has at least: value="
                    + maxConnections + " multifd-channels=" + parameters.multifdChannels());
        }
    }
}
