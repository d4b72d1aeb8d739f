package io.pageferry.net;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.pageferry.config.InetOptions;
import io.pageferry.config.MigrationUri;
import io.pageferry.foreign.NativeFunctions;
import io.pageferry.supervision.Closeables;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import sun.nio.ch.SelChImpl;

/** Listens at a TCP address the way its options say, as QEMU does. Stateless: any thread. */
final class InetBinding {
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    private InetBinding() {}

    /**
     * Listens at the first of a name's addresses that is wanted, and there at the first port that is free of those that
     * are allowed.
     *
     * @param backlog how many connections may wait to be accepted
     */
    static ServerSocketChannel bind(MigrationUri.Tcp uri, int backlog) throws IOException {
        InetAddress host = uri.host().isEmpty() ? null : wanted(uri);
        int last = uri.options().to().orElse(uri.port());
        for (int port = uri.port(); ; port++) {
            ServerSocketChannel channel = open(host, uri.options());
            try {
                return channel.bind(new InetSocketAddress(host == null ? any(uri.options()) : host, port), backlog);
            } catch (BindException e) {
                Closeables.closeQuietly(channel);
                if (port >= last) {
                    throw e;
                }
            } catch (Throwable e) {
                Closeables.closeQuietly(channel);
                throw e;
            }
        }
    }

    private static InetAddress wanted(MigrationUri.Tcp uri) throws IOException {
        for (InetAddress address : InetAddress.getAllByName(uri.host())) {
            if (uri.options().want(address)) {
                return address;
            }
        }
        throw new NetException("host must have an address of a kind that is wanted: uri=" + uri);
    }

    /** All addresses; where both kinds are wanted, the JDK's own way to say so. */
    private static InetAddress any(InetOptions options) {
        if (options.wantsIpv4() && options.wantsIpv6()) {
            return null;
        }
        return InetAddress.ofLiteral(options.wantsIpv4() ? "0.0.0.0" : "::");
    }

    private static ServerSocketChannel open(InetAddress host, InetOptions options) throws IOException {
        if (host != null || options.wantsIpv4() && options.wantsIpv6()) {
            return ServerSocketChannel.open();
        }
        if (options.wantsIpv4()) {
            return ServerSocketChannel.open(StandardProtocolFamily.INET);
        }
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET6);
        try {
            refuseIpv4(channel);
            return channel;
        } catch (Throwable e) {
            Closeables.closeQuietly(channel);
            throw e;
        }
    }

    /** The JDK makes every socket of IPv6 one of both. */
    private static void refuseIpv4(ServerSocketChannel notBound) throws NetException {
        try (Arena arena = Arena.ofConfined()) {
            long on = arena.allocateFrom(JAVA_INT, 1).address();
            int descriptor = ((SelChImpl) notBound).getFDVal();
            int result = (int) NativeFunctions.call(
                    NativeFunctions.ofC("setsockopt"), descriptor, IPPROTO_IPV6, IPV6_V6ONLY, on, Integer.BYTES, 0);
            if (result != 0) {
                throw new NetException("socket must be able to be of IPv6 only: option=IPV6_V6ONLY");
            }
        }
    }
}
