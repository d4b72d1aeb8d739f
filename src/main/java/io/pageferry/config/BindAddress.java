package io.pageferry.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where something listens that others than this machine's own may reach only under TLS. A name is resolved once: what
 * is checked is what is bound.
 */
public final class BindAddress {
    private BindAddress() {}

    /**
     * Finds a host's address.
     *
     * @param option what says so, for the error
     * @param host empty: all addresses of this machine
     */
    public static InetSocketAddress resolve(String option, String host, int port) {
        try {
            InetAddress address = host.isEmpty() ? null : InetAddress.getByName(host);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new ConfigException(option + " must be at a host that can be found: value=" + host);
        }
    }

    /**
     * The same for an address that may have options: the first of a name's addresses that they want.
     *
     * @param option what says so, for the error
     */
    public static InetSocketAddress resolve(String option, MigrationUri.Tcp tcp) {
        if (tcp.host().isEmpty()) {
            return new InetSocketAddress((InetAddress) null, tcp.port());
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(tcp.host())) {
                if (tcp.options().want(address)) {
                    return new InetSocketAddress(address, tcp.port());
                }
            }
        } catch (UnknownHostException e) {
            // Said below.
        }
        throw new ConfigException(option + " must be at a host that can be found: value=" + tcp.host());
    }

    /**
     * Whether nobody but this machine's own can connect there; all addresses at once, {@code 0.0.0.0} and {@code ::},
     * are no loopback.
     */
    public static boolean isLoopback(InetSocketAddress address) {
        return !address.isUnresolved() && address.getAddress().isLoopbackAddress();
    }
}
