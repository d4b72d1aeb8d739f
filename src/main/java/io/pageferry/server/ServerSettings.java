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
 * @param listenInherited whether they arrive at the socket, too, that is standard input
 * @param parameters of all migrations that come in, {@code multifd-channels} among them; {@code stall-timeout} is also
 *     how long a guest's connections may take to come, and {@code max-bandwidth} what each may be received with
 * @param maxConnections how many connections may be here that are not yet a migration's
 * @param hostBandwidth the most that is received and sent in all, in bytes a second; 0 means no limit
 * @param weights of guests in the sharing of that; others have 1
 * @param hostShare what one host, or one TLS identity, may have of connections, migrations, memory for these, and free
 *     room on disk
 */
public record ServerSettings(
        List<MigrationUri> listen,
        boolean listenInherited,
        MigrationParameters parameters,
        int maxConnections,
        long hostBandwidth,
        Map<UUID, Integer> weights,
        HostShare hostShare) {
    /** Under TLS each takes some 150 KiB. */
    public static final int DEFAULT_MAX_CONNECTIONS = 1024;

    private static final int MAX_WEIGHT = 1000;

    public ServerSettings {
        listen = List.copyOf(listen);
        weights = Map.copyOf(weights);
        if (weights.values().stream().anyMatch(weight -> weight < 1 || weight > MAX_WEIGHT)) {
            throw new ConfigException("weights must be 1 to " + MAX_WEIGHT + ": weights=" + weights);
        }
        if (listen.isEmpty() && !listenInherited) {
            throw new ConfigException("address to listen at must be given, with --listen or as a socket");
        }
        if (listen.stream().anyMatch(uri -> uri instanceof MigrationUri.ImageFile)) {
            throw new ConfigException("address to listen at must be a socket's: listen=" + listen);
        }
        int ofOneGuest = parameters.multifdChannels() + 1;
        if (maxConnections < 2 * ofOneGuest) {
            throw new ConfigException("max-connections must be as many as two guests have at least: value="
                    + maxConnections + " multifd-channels=" + parameters.multifdChannels());
        }
    }

    /** The same with the usual share for a host. */
    public ServerSettings(
            List<MigrationUri> listen,
            boolean listenInherited,
            MigrationParameters parameters,
            int maxConnections,
            long hostBandwidth,
            Map<UUID, Integer> weights) {
        this(listen, listenInherited, parameters, maxConnections, hostBandwidth, weights, HostShare.DEFAULT);
    }

    int weight(Optional<UUID> guest) {
        return guest.map(uuid -> weights.getOrDefault(uuid, 1)).orElse(1);
    }
}
