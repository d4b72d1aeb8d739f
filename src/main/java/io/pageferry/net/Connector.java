package io.pageferry.net;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;

/** Connects to where a migration goes. Stateless: any thread. */
public final class Connector {
    private Connector() {}

    /**
     * Connects, trying a name's addresses in turn.
     *
     * @param watch has the new connection's deadlines; the connecting has one too
     * @param name what to call the connection in messages
     * @throws NetException where nobody answers
     */
    public static Connection connect(MigrationUri uri, StallWatch watch, String name) throws IOException {
        StallWatch.Slot slot = watch.slot(name);
        try {
            return connect(uri, watch, slot, name);
        } finally {
            slot.remove();
        }
    }

    private static Connection connect(MigrationUri uri, StallWatch watch, StallWatch.Slot slot, String name)
            throws IOException {
        IOException failure = null;
        for (SocketAddress address : addresses(uri)) {
            SocketChannel channel = null;
            slot.expect("connection to " + uri);
            try {
                channel = address instanceof UnixDomainSocketAddress
                        ? SocketChannel.open(StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
                channel.connect(address);
                Listener.setNoDelay(channel);
                return new Connection(new PlainTransport(channel), watch, name, Listener.describe(address));
            } catch (ClosedChannelException e) {
                Listener.closeQuietly(channel);
                throw e;
            } catch (IOException e) {
                Listener.closeQuietly(channel);
                failure = e;
            } finally {
                slot.done();
            }
        }
        throw new NetException(
                "destination must accept connections: " + name + " uri=" + uri + " reason=\"" + Listener.reason(failure)
                        + "\"",
                failure);
    }

    private static List<? extends SocketAddress> addresses(MigrationUri uri) throws NetException {
        return switch (uri) {
            case MigrationUri.Tcp tcp -> {
                try {
                    yield Arrays.stream(InetAddress.getAllByName(tcp.host().isEmpty() ? "localhost" : tcp.host()))
                            .map(host -> new InetSocketAddress(host, tcp.port()))
                            .toList();
                } catch (UnknownHostException e) {
                    throw new NetException("host must have an address: host=" + tcp.host(), e);
                }
            }
            case MigrationUri.Unix unix -> List.of(UnixDomainSocketAddress.of(unix.path()));
            case MigrationUri.ImageFile file -> throw new NetException("a file cannot be connected to: uri=" + file);
        };
    }
}
