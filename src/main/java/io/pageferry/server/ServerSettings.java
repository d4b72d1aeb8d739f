package io.pageferry.server;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a server is to be like.
 *
 * @param listen where guests arrive
 * @param parameters of all migrations that come in, {@code multifd-channels} among them; {@code stall-timeout} is also how long a guest's connections may take
 *     to come, and {@code max-bandwidth} what each may be received with
 * @param maxConnections how many connections may be here that are not yet a migration's
 * @param hostBandwidth the most that is received and sent in all, in bytes a second; 0 means no limit
 * @param weights of guests in the sharing of that; others have 1
 */
public record ServerSettings(
        List<MigrationUri> listen,
        MigrationParameters parameters,
        int maxConnections,
        long hostBandwidth,
        Map<UUID, Integer> weights) {
    /** Under TLS each takes some 150 KiB. */
    public static final int DEFAULT_MAX_CONNECTIONS = 1024;

    private static final int MAX_WEIGHT = 1000;

    public ServerSettings {
        listen = List.copyOf(listen);
        weights = Map.copyOf(weights);
        if (weights.values().stream().anyMatch(weight -> weight < 1 || weight > MAX_WEIGHT)) {
            throw new ConfigException("weights must be 1 to " + MAX_WEIGHT + ": weights=" + weights);
        }
        if (listen.stream().anyMatch(uri -> uri instanceof MigrationUri.ImageFile)) {
            throw new ConfigException("address to listen at must be a socket's: listen=" + listen);
        }
        if (maxConnections <= parameters.multifdChannels()) {
            throw new ConfigException("max-connections must be as many as one guest has at least: value="
                    + maxConnections + " multifd-channels=" + parameters.multifdChannels());
        }
    }

    /** One without limits to its bandwidth. */
    public static ServerSettings of(List<MigrationUri> listen, MigrationParameters parameters) {
        return new ServerSettings(listen, parameters, DEFAULT_MAX_CONNECTIONS, 0, Map.of());
    }

    int weight(Optional<UUID> guest) {
        return guest.map(uuid -> weights.getOrDefault(uuid, 1)).orElse(1);
    }
}
