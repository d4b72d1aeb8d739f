package io.pageferry.net;

import io.pageferry.config.MigrationUri;
import io.pageferry.supervision.Closeables;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.net.ExtendedSocketOptions;

/** Connects to where a migration goes. For any thread. */
public final class Connector {
    /**
     * The send buffer where both ends are on one machine: a packet's worth. The kernel would let it grow to megabytes,
     * which have left the processor's cache before they are copied on; less, and the sender has to be woken several
     * times a packet. The kernel takes this twice, for its own overhead too.
     */
    private static final int LOCAL_BUFFER_BYTES = 512 * 1024;

    /** Some pages: who sends more has to be woken for each of these. */
    private static final int SMALL_BUFFER_BYTES = 64 * 1024;

    /** Between two attempts: a part of what a QEMU takes to start, and many times what an attempt takes. */
    private static final long ATTEMPT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final MigrationUri uri;
    private final Security security;
    private final Throttle throttle;
    private final Duration wait;
    private final boolean urgent;

    private Connector(MigrationUri uri, Security security, Throttle throttle, Duration wait, boolean urgent) {
        this.uri = uri;
        this.security = security;
        this.throttle = throttle;
        this.wait = wait;
        this.urgent = urgent;
    }

    /** Makes ready to connect; connections are not protected. */
    public static Connector to(MigrationUri uri) {
        return to(uri, Security.NONE);
    }

    /**
     * Makes ready to connect.
     *
     * @param security how connections are protected
     */
    public static Connector to(MigrationUri uri, Security security) {
        return new Connector(uri, security, Throttle.NONE, Duration.ZERO, false);
    }

    /** The same, whose connections are slowed down. */
    public Connector throttledBy(Throttle newThrottle) {
        return new Connector(uri, security, newThrottle, wait, urgent);
    }

    /** The same, which tries for so long to connect to who does not listen yet. */
    public Connector waitingFor(Duration newWait) {
        return new Connector(uri, security, throttle, newWait, urgent);
    }

    /**
     * The same, for what is urgent: its connections to this machine hold little that is on its way, and what is read is
     * acknowledged at once. A peer that says a few bytes now and then may hold back (by Nagle's algorithm) all but the
     * first until that is acknowledged, which a kernel with nothing to send does 40 ms later.
     */
    public Connector urgently() {
        return new Connector(uri, security, throttle, wait, true);
    }

    /**
     * Connects, trying a name's addresses in turn. The connection can be used at once: a handshake, where there is one,
     * is done.
     *
     * @param watch has the new connection's deadlines; the connecting has one too
     * @param name what to call the connection in messages
     * @throws NetException where nobody answers, or not in the right way
     */
    public Connection connect(StallWatch watch, String name) throws IOException {
        StallWatch.Slot slot = watch.slot(name);
        Connection connection;
        try {
            connection = connectWhenListening(watch, slot, name);
        } finally {
            slot.remove();
        }
        try {
            connection.begin();
            connection.throttleBy(throttle);
            return connection;
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
    }

    /** Tries again and again: nobody says when somebody begins to listen. */
    private Connection connectWhenListening(StallWatch watch, StallWatch.Slot slot, String name) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                return connect(watch, slot, name);
            } catch (NetException e) {
                if (System.nanoTime() - start > wait.toNanos()) {
                    throw e;
                }
            }
            LockSupport.parkNanos(this, ATTEMPT_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
        }
    }

    private Connection connect(StallWatch watch, StallWatch.Slot slot, String name) throws IOException {
        IOException failure = null;
        for (SocketAddress address : addresses(uri, slot)) {
            SocketChannel channel = null;
            slot.expect("connection to " + uri);
            try {
                channel = address instanceof UnixDomainSocketAddress
                        ? SocketChannel.open(StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
                channel.connect(address);
                Listener.setNoDelay(channel);
                keepInCache(channel, urgent ? SMALL_BUFFER_BYTES : LOCAL_BUFFER_BYTES);
                if (uri instanceof MigrationUri.Tcp tcp && tcp.options().keepAlive()) {
                    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                }
                Connection connection = new Connection(security.over(channel), watch, name, PeerAddress.of(address));
                if (urgent && channel.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK)) {
                    connection.acknowledgeAtOnce(channel);
                }
                return connection;
            } catch (ClosedChannelException e) {
                Closeables.closeQuietly(channel);
                throw e;
            } catch (IOException e) {
                Closeables.closeQuietly(channel);
                failure = e;
            } finally {
                slot.done();
            }
        }
        throw new NetException(
                "destination must accept connections: " + name + " uri=" + uri + " reason=\""
                        + NetException.reason(failure) + "\"",
                failure);
    }

    /** Only where no network lies between: there a buffer must hold what is under way. */
    private static void keepInCache(SocketChannel channel, int bufferBytes) throws IOException {
        if (channel.getRemoteAddress() instanceof InetSocketAddress peer
                && channel.getLocalAddress() instanceof InetSocketAddress own
                && peer.getAddress().equals(own.getAddress())) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, bufferBytes);
        }
    }

    private static List<? extends SocketAddress> addresses(MigrationUri uri, StallWatch.Slot slot) throws IOException {
        return switch (uri) {
            case MigrationUri.Tcp tcp -> {
                slot.expect("address of " + tcp.host());
                try {
                    List<InetSocketAddress> wanted = Arrays.stream(HostLookup.addresses(tcp.host()))
                            .filter(tcp.options()::want)
                            .map(host -> new InetSocketAddress(host, tcp.port()))
                            .toList();
                    if (wanted.isEmpty()) {
                        throw new NetException("host must have an address of a kind that is wanted: uri=" + tcp);
                    }
                    yield wanted;
                } catch (UnknownHostException e) {
                    throw new NetException("host must have an address: host=" + tcp.host(), e);
                } finally {
                    slot.done();
                }
            }
            case MigrationUri.Unix unix -> List.of(UnixDomainSocketAddress.of(unix.path()));
            case MigrationUri.ImageFile file -> throw new NetException("a file cannot be connected to: uri=" + file);
        };
    }
}
