package io.pageferry.control.qmp;

import io.pageferry.config.BindAddress;
import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import java.net.InetSocketAddress;

/**
 * Where QMP clients connect.
 *
 * @param said as the operator has it
 * @param bound the same with its host resolved, so that it stays where it was when it was checked
 * @param loopback whether no other machine can connect
 */
record QmpAddress(MigrationUri said, MigrationUri bound, boolean loopback) {
    static QmpAddress parse(String text) {
        MigrationUri uri = MigrationUri.parse(text);
        return switch (uri) {
            case MigrationUri.Tcp tcp -> {
                InetSocketAddress address = BindAddress.resolve("qmp", tcp);
                // No host is all addresses of IPv4 and of IPv6, which none of them says.
                String host = tcp.host().isEmpty() ? "" : address.getAddress().getHostAddress();
                yield new QmpAddress(
                        tcp, new MigrationUri.Tcp(host, tcp.port(), tcp.options()), BindAddress.isLoopback(address));
            }
            case MigrationUri.Unix unix -> new QmpAddress(unix, unix, true);
            case MigrationUri.ImageFile file ->
                throw new ConfigException("QMP address must be tcp:HOST:PORT or unix:PATH: value=" + file);
        };
    }

    boolean isTcp() {
        return said instanceof MigrationUri.Tcp;
    }

    /** As the operator has it, with the real port. */
    MigrationUri named(MigrationUri listening) {
        return said instanceof MigrationUri.Tcp tcp && listening instanceof MigrationUri.Tcp real
                ? new MigrationUri.Tcp(tcp.host(), real.port())
                : said;
    }
}
