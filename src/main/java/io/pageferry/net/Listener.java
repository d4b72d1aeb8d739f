package io.pageferry.net;

import io.pageferry.config.MigrationUri;
import io.pageferry.supervision.Closeables;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A socket that migrations arrive at. For any thread; {@link #close} ends every {@link #accept}, and an interrupt that
 * of its thread.
 *
 * <p>Threads wait for a connection at a selector and then take it without blocking. In a blocking accept the JDK loses,
 * and never closes, a connection that comes at the moment of an interrupt; and when a migration fails, its threads are
 * interrupted while the rest of its connections come.
 */
public final class Listener implements ConnectionSource {
    private final ServerSocketChannel channel;
    private final MigrationUri uri;
    private final boolean inherited;

    /** Whether connections that are accepted have {@code SO_KEEPALIVE}. */
    private final boolean keepAlive;

    /** What was made in the file system. */
    private final Optional<SocketFile> socketFile;

    /** Of connections that come from now on. */
    private volatile Security security;

    private final Selector arrival;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Whose turn it is to wait. */
    private final ReentrantLock turn = new ReentrantLock();

    private Listener(
            ServerSocketChannel channel, MigrationUri uri, Security security, boolean inherited, boolean keepAlive)
            throws IOException {
        this.inherited = inherited;
        this.keepAlive = keepAlive;
        this.socketFile = !inherited && uri instanceof MigrationUri.Unix unix
                ? Optional.of(SocketFile.at(unix.path()))
                : Optional.empty();
        this.channel = channel;
        this.uri = uri;
        this.security = security;
        this.arrival = Selector.open();
        try {
            channel.configureBlocking(false);
            channel.register(arrival, SelectionKey.OP_ACCEPT);
        } catch (Throwable e) {
            Closeables.closeQuietly(arrival);
            throw e;
        }
    }

    /** Starts to listen for connections that are not protected. */
    public static Listener open(MigrationUri uri, int backlog) throws NetException {
        return open(uri, backlog, Security.NONE);
    }

    /**
     * Starts to listen.
     *
     * @param backlog how many connections may wait to be accepted: all of a migration's come at once
     * @param security how connections are protected
     * @throws NetException where the address cannot be listened at
     */
    public static Listener open(MigrationUri uri, int backlog, Security security) throws NetException {
        return open(uri, backlog, security, false);
    }

    /**
     * The same for what nobody but the process's own user shall command: a socket in the file system has mode 0600
     * whatever the umask, from its first moment on. That of a migration is by the umask, as QEMU's is: sources run as
     * other users, and can send a guest there and nothing else.
     */
    public static Listener openForOwner(MigrationUri uri, int backlog, Security security) throws NetException {
        return open(uri, backlog, security, true);
    }

    private static Listener open(MigrationUri uri, int backlog, Security security, boolean forOwner)
            throws NetException {
        ServerSocketChannel channel = null;
        try {
            switch (uri) {
                case MigrationUri.Tcp address -> {
                    channel = InetBinding.bind(address, backlog);
                    int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
                    return new Listener(
                            channel,
                            new MigrationUri.Tcp(address.host(), port),
                            security,
                            false,
                            address.options().keepAlive());
                }
                case MigrationUri.Unix unix -> {
                    SocketFile.removeStale(unix.path());
                    channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                    if (forOwner) {
                        SocketFile.restrictToOwner(channel);
                    }
                    channel.bind(UnixDomainSocketAddress.of(unix.path()), backlog);
                    return new Listener(channel, unix, security, false, false);
                }
                case MigrationUri.ImageFile file -> throw new NetException("a file cannot be listened at: uri=" + file);
            }
        } catch (IOException | RuntimeException e) {
            Closeables.closeQuietly(channel);
            throw e instanceof NetException known
                    ? known
                    : new NetException(
                            "address must be free to listen at: uri=" + uri + " reason=\"" + NetException.reason(e)
                                    + "\"",
                            e);
        } catch (Error e) {
            Closeables.closeQuietly(channel);
            throw e;
        }
    }

    /**
     * Listens at the socket that this process got from who started it, and who keeps it: systemd's, with
     * {@code LISTEN_FDS} or {@code StandardInput=socket}.
     *
     * @throws NetException where there is none that listens, or there are several
     */
    public static Listener inherited(Security security) throws NetException {
        SocketActivation.moveToStandardInput(System.getenv());
        try {
            if (System.inheritedChannel() instanceof ServerSocketChannel channel) {
                MigrationUri uri = switch (channel.getLocalAddress()) {
                    case InetSocketAddress address ->
                        new MigrationUri.Tcp(address.getAddress().getHostAddress(), address.getPort());
                    case UnixDomainSocketAddress address -> new MigrationUri.Unix(address.getPath());
                    default -> throw new NetException("socket must be TCP or UNIX: stdin");
                };
                return new Listener(channel, uri, security, true, false);
            }
        } catch (IOException e) {
            throw new NetException("socket must be usable: stdin reason=\"" + NetException.reason(e) + "\"", e);
        }
        throw new NetException("socket to inherit must be there and listen, systemd's LISTEN_FDS or as standard input"
                + " (StandardInput=socket)");
    }

    /** Says how connections are protected that come from now on. Those that are there keep what they have. */
    public void secureBy(Security newSecurity) {
        security = newSecurity;
    }

    /** Where it listens, with the real port. */
    public MigrationUri uri() {
        return uri;
    }

    @Override
    public Connection accept(StallWatch watch, Object awaited) throws IOException, InterruptedException {
        StallWatch.Slot slot = watch.slot("listener");
        slot.expect(awaited);
        SocketChannel accepted = null;
        try {
            accepted = next();
            watch.arm();
            setNoDelay(accepted);
            if (keepAlive) {
                accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            PeerAddress peer = PeerAddress.of(accepted);
            return new Connection(security.over(accepted), watch, "connection from " + peer.text(), peer);
        } catch (Error e) {
            Closeables.closeQuietly(accepted);
            throw e;
        } catch (IOException | RuntimeException e) {
            // The latter too can be the peer's doing: the JDK does so where a UNIX client's path is no path here.
            Closeables.closeQuietly(accepted);
            throw e instanceof ClosedChannelException closed
                    ? closed
                    : new NetException(
                            "connection must be accepted: uri=" + uri + " reason=\""
                                    + SocketAddresses.oneLine(NetException.reason(e)) + "\"",
                            e);
        } finally {
            slot.remove();
        }
    }

    private SocketChannel next() throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            while (true) {
                if (closed.get()) {
                    throw new ClosedChannelException(); // one that is inherited stays open
                }
                SocketChannel accepted = channel.accept();
                if (accepted != null) {
                    return accepted;
                }
                arrival.select();
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                arrival.selectedKeys().clear();
            }
        } catch (ClosedSelectorException e) {
            throw new ClosedChannelException();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Closes it, once: by the second time a socket at its path would be somebody else's. One that is inherited stays
     * open until the process ends: with it the JDK would close standard output and error, and who connects waits for
     * the next process anyway.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        Closeables.closeQuietly(arrival);
        if (inherited) {
            return;
        }
        socketFile.ifPresent(
                SocketFile::remove); // first: as long as it is open, no other file can be taken for its own
        Closeables.closeQuietly(channel);
    }

    /** Packets are whole when they are written; waiting for more to join them would only delay them. */
    static void setNoDelay(SocketChannel channel) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }
}
