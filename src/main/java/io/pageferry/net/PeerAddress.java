package io.pageferry.net;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/**
 * Who a connection comes from, in words that make no lines of their own in a log.
 *
 * @param text all of it
 * @param host without the port: what all connections of one source have in common, but for UNIX sockets
 * @param network whoever can have one address of it can have all: an IPv6 address's first 64 bits, {@value #UNIX} for
 *     UNIX sockets, and else the host
 * @param user whom the peer's process runs as, as the kernel says of UNIX sockets
 */
record PeerAddress(String text, String host, String network, Optional<String> user) {
    private static final String UNIX = "unix";
    private static final int NETWORK_BYTES = 8;

    static PeerAddress of(SocketAddress address) {
        String text = SocketAddresses.text(address);
        if (!(address instanceof InetSocketAddress socket)) {
            // A client binds to whatever path it likes.
            return new PeerAddress(text, text, UNIX, Optional.empty());
        }
        String host = text.substring(0, text.lastIndexOf(':'));
        String network = socket.getAddress() instanceof Inet6Address ip ? "[" + networkOf(ip) + "/64]" : host;
        return new PeerAddress(text, host, network, Optional.empty());
    }

    /** The address that an accepted connection comes from. */
    static PeerAddress of(SocketChannel accepted) throws IOException {
        PeerAddress address = of(accepted.getRemoteAddress());
        if (!accepted.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)) {
            return address;
        }
        String user =
                accepted.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        return new PeerAddress(address.text, address.host, address.network, Optional.of(user));
    }

    private static String networkOf(Inet6Address address) {
        try {
            return InetAddress.getByAddress(Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES), 16))
                    .getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // it has the length of one
        }
    }

    /** Whether the other one may be of the same source. UNIX sockets: always, as each connection may have its path. */
    boolean isHostOf(PeerAddress other) {
        return host.equals(other.host) || network.equals(UNIX) && other.network.equals(UNIX);
    }
}
