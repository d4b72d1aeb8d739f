package io.pageferry.control.http;

import io.pageferry.config.BindAddress;
import io.pageferry.config.ConfigException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Where HTTP is served, to whom, and how much of it. Immutable.
 *
 * @param address port 0: any free one
 * @param token what a client must show to see or do anything; empty: all see everything, and nobody changes anything
 * @param tls empty: in the clear
 * @param maxConnections how many clients at once; one that is too many is closed at once
 * @param maxWatchers how many of them may have events sent to them
 * @param writeTimeout how long a client may take to take what it asked for, or one event
 */
public record HttpSettings(
        InetSocketAddress address,
        Optional<Token> token,
        Optional<SSLContext> tls,
        int maxConnections,
        int maxWatchers,
        Duration writeTimeout) {
    /** Prometheus, probes, and the browsers of a team; each costs a file descriptor and some 20 KiB. */
    private static final int DEFAULT_MAX_CONNECTIONS = 64;

    private static final int DEFAULT_MAX_WATCHERS = 32;
    private static final Duration DEFAULT_WRITE_TIMEOUT = Duration.ofSeconds(10);

    public HttpSettings {
        if (!BindAddress.isLoopback(address) && (token.isEmpty() || tls.isEmpty())) {
            throw new ConfigException(
                    "http must have http-token-file and http-tls-creds where it is not at loopback: value="
                            + address.getHostString() + ":" + address.getPort());
        }
    }

    public static HttpSettings of(InetSocketAddress address, Optional<Token> token, Optional<SSLContext> tls) {
        return new HttpSettings(
                address, token, tls, DEFAULT_MAX_CONNECTIONS, DEFAULT_MAX_WATCHERS, DEFAULT_WRITE_TIMEOUT);
    }

    /** At the same host. */
    public HttpSettings withPort(int port) {
        InetSocketAddress moved = new InetSocketAddress(address.getAddress(), port);
        return new HttpSettings(moved, token, tls, maxConnections, maxWatchers, writeTimeout);
    }

    public HttpSettings withMaxWatchers(int count) {
        return new HttpSettings(address, token, tls, maxConnections, count, writeTimeout);
    }

    public HttpSettings withWriteTimeout(Duration timeout) {
        return new HttpSettings(address, token, tls, maxConnections, maxWatchers, timeout);
    }

    /** {@code HOST:PORT}; {@code [HOST]:PORT} for IPv6. */
    public static InetSocketAddress parseAddress(String value) {
        int colon = value.lastIndexOf(':');
        String host = colon < 0 ? "" : value.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            host = "";
        }
        String port = value.substring(colon + 1);
        if (host.isEmpty() || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 0xffff) {
            throw new ConfigException("http must be HOST:PORT, or [HOST]:PORT for IPv6: value=" + value);
        }
        return BindAddress.resolve("http", host, Integer.parseInt(port));
    }
}
