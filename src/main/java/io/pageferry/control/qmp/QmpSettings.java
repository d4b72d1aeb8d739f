package io.pageferry.control.qmp;

import io.pageferry.config.ConfigException;
import io.pageferry.config.TlsSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where QMP is served, and to whom. Immutable.
 *
 * @param addresses at loopback or of the file system, unless there is TLS, or somebody has said that it is to be
 *     insecure
 * @param tls of all addresses that are TCP; a client must prove who it is
 * @param maxClients at each address, and as many again whose TLS handshake is not done; one that is too many is closed
 *     at once
 * @param handshakeTimeout what all of a TLS handshake may take
 * @param writeTimeout how long a client may take for {@value Outbox#CHUNK_BYTES} bytes
 */
public record QmpSettings(
        List<QmpAddress> addresses,
        Optional<TlsSettings> tls,
        int maxClients,
        Duration handshakeTimeout,
        Duration writeTimeout) {
    /** Far more than tools that watch. */
    private static final int DEFAULT_MAX_CLIENTS = 64;

    private static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration DEFAULT_WRITE_TIMEOUT = Duration.ofSeconds(30);

    public QmpSettings {
        addresses = List.copyOf(addresses);
    }

    /**
     * Checks who could connect.
     *
     * @param uris {@code tcp:HOST:PORT} (port 0: any free one) or {@code unix:PATH}
     * @param insecure whether whoever can connect may do everything, from wherever
     */
    public static QmpSettings of(List<String> uris, Optional<TlsSettings> tls, boolean insecure) {
        List<QmpAddress> addresses = uris.stream().map(QmpAddress::parse).toList();
        if (tls.isPresent()) {
            if (addresses.stream().noneMatch(QmpAddress::isTcp)) {
                throw new ConfigException("qmp-tls-creds must be with a qmp address tcp:HOST:PORT: qmp=" + uris);
            }
            if (insecure) {
                throw new ConfigException("qmp-insecure must not be with qmp-tls-creds: qmp=" + uris);
            }
            if (!tls.get().verifyPeer()) {
                throw new ConfigException("qmp-tls-creds must be with verify-peer: qmp=" + uris);
            }
        }
        for (QmpAddress address : addresses) {
            if (!address.loopback() && tls.isEmpty() && !insecure) {
                throw new ConfigException(
                        "qmp must have qmp-tls-creds, or else qmp-insecure, where it is not at loopback: value="
                                + address.said());
            }
        }
        return new QmpSettings(addresses, tls, DEFAULT_MAX_CLIENTS, DEFAULT_HANDSHAKE_TIMEOUT, DEFAULT_WRITE_TIMEOUT);
    }

    public QmpSettings withMaxClients(int count) {
        return new QmpSettings(addresses, tls, count, handshakeTimeout, writeTimeout);
    }

    public QmpSettings withHandshakeTimeout(Duration timeout) {
        return new QmpSettings(addresses, tls, maxClients, timeout, writeTimeout);
    }

    public QmpSettings withWriteTimeout(Duration timeout) {
        return new QmpSettings(addresses, tls, maxClients, handshakeTimeout, timeout);
    }
}
