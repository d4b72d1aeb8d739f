package io.pageferry.receive;

import io.pageferry.codec.PageDecoder;
import io.pageferry.config.TimeSpan;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.net.Connection;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.NetException;
import io.pageferry.net.SocketThreads;
import io.pageferry.stream.DeviceState;
import io.pageferry.wire.PacketHeaderFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A migration that comes in over sockets. Its tasks, one a connection, run {@link #takeConnection} in one scope: each
 * takes the next connection and becomes what that turns out to be.
 */
public final class SocketReceiver implements AutoCloseable {
    /** Keeps a guest that has come whole: when it comes back, the guest is safe. Called on the main channel's task. */
    @FunctionalInterface
    public interface Keeper {
        void keep(ReceivedGuest guest) throws IOException, InterruptedException;
    }

    /** Is told how far it has come. Called on any of its tasks. */
    public interface Listener {
        void firstConnectionIsThere();

        /**
         * One more has been accepted, and nothing done with it.
         *
         * @param connections how many there are by now
         */
        default void connectionIsThere(int connections) throws IOException {}

        /**
         * And nothing was done with what they brought. Where the number of channels is open, others may come after
         * them.
         */
        void allConnectionsAreThere();

        /** Whether the source is silent where it may pause before it switches over; often the same as before. */
        default void sourcePauses(boolean paused) {}
    }

    /** How long a channel that has ended already may wait for the others of its migration, whose end says more. */
    private static final long OTHERS_MILLIS = 200;

    private static final int LOOKS_IN_STALL_TIMEOUT = 4;

    private final ReceiverContext context;
    private final Listener listener;
    private final SinkOpener opener;
    private final ChannelRoster roster;
    private final Arrivals arrivals;
    private final SyncBarrier barrier;
    private final Queue<Connection> connections = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<IncomingGuest> guest = new CompletableFuture<>();

    // The main task's, read after the scope has joined it.
    private volatile MainReceiver main;
    private volatile ReceivedGuest received;
    private volatile boolean told;
    private final CompletableFuture<ReturnPathWriter> returnPath = new CompletableFuture<>();

    /**
     * Makes a receiver.
     *
     * @param expectedUuid the guest's uuid; empty where any is welcome
     */
    public SocketReceiver(
            ConnectionSource source,
            Optional<UUID> expectedUuid,
            SinkOpener opener,
            ReceiverContext context,
            Listener listener) {
        int channels = context.parameters().multifdChannels();
        this.context = context;
        this.listener = listener;
        this.opener = opener;
        boolean fewer = context.parameters().fewerChannels();
        this.roster = new ChannelRoster(
                channels, fewer, expectedUuid, listener::firstConnectionIsThere, this::allConnectionsAreThere);
        this.arrivals = new Arrivals(source, context.watch(), roster, listener::connectionIsThere);
        this.barrier = new SyncBarrier(channels, fewer, context.watch(), context.stats());
    }

    private void allConnectionsAreThere() {
        arrivals.completed();
        listener.allConnectionsAreThere();
    }

    /** How many tasks there are to run: the main channel's and one a multifd channel. */
    public int tasks() {
        return roster.channels() + 1;
    }

    /**
     * Takes one connection and serves it to its end. The main channel's ends with the word that the guest is safe here.
     */
    public Void takeConnection(Keeper keeper) throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/dst/accept");
        Optional<Arrival> next = arrivals.next();
        if (next.isEmpty()) {
            return null; // a source with fewer channels, or without
        }
        Arrival arrival = next.get();
        connections.add(arrival.connection());
        // Before anything is told on this thread: Flight Recorder keeps the first name that it sees of a virtual one.
        Thread.currentThread().setName(threadName(arrival));
        roster.join(arrival);
        switch (arrival) {
            case Arrival.Main mainArrival -> {
                main = new MainReceiver(
                        mainArrival, new GuestOpener(context, opener, guest::complete), barrier, arrivals::allAreKnown);
                returnPath.complete(main.returnPath());
                received = main.run(roster, arrivals::close);
                context.watch().payloadIsComplete(); // however long it takes to keep it
                keeper.keep(received);
                main.sendSuccess();
                told = true;
            }
            case Arrival.Multifd(Connection connection, int channel, UUID _) -> {
                barrier.join(channel);
                SocketThreads.ofThisProcess().run(threadName(arrival), () -> takeChannel(connection, channel));
            }
        }
        return null;
    }

    private void takeChannel(Connection connection, int channel) throws IOException, InterruptedException {
        ChannelStats stats = context.stats().channel(channel);
        stats.trace().recvNewChannel(connection.peer());
        ByteBuffer first = awaitFirstPacket(connection, channel);
        IncomingGuest known = awaitGuest();
        try (PageDecoder decoder = context.codecs().newDecoder()) {
            new ChannelReceiver(channel, connection, known, context.codecs().method(), decoder, barrier, stats)
                    .run(first);
        }
        // Last of all, and not after a failure: who waits for this channel would report its end, not its error.
        barrier.end(channel);
    }

    /**
     * Reads the beginning of the first packet while the guest is not known yet, so that a source that breaks off is
     * noticed before the last channel has come.
     *
     * @return what was read; nothing where the source has ended the channel
     */
    private ByteBuffer awaitFirstPacket(Connection connection, int channel) throws IOException, InterruptedException {
        ByteBuffer first = ByteBuffer.allocateDirect(PacketHeaderFlyweight.HEADER_LENGTH);
        if (!connection.awaitMessage(first, PacketHeaderFlyweight.HEADER_LENGTH, "packet") && !isGuestKnownSoon()) {
            throw new ReceiveException("channel must send SYNC before it closes: channels={" + channel + "}");
        }
        return first.flip();
    }

    private boolean isGuestKnownSoon() throws InterruptedException {
        try {
            guest.get(OTHERS_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String threadName(Arrival arrival) {
        return switch (arrival) {
            case Arrival.Main _ -> "mig/dst/main";
            case Arrival.Multifd(Connection _, int channel, UUID _) -> "mig/dst/recv_" + channel;
        };
    }

    /**
     * A service: refuses channels that come after as many as there should be. Their source has more of them than were
     * agreed on. It would otherwise only find them closed, or, where those that came first are not all that are needed,
     * wait with the rest of them for ever; anybody else is sent away without a word.
     */
    public Void refuseLatecomers() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/dst/listen");
        while (true) {
            try (Connection late = arrivals.nextLatecomer()) {
                roster.refuse(arrivals.identify(late));
            } catch (NetException e) {
                // Not a channel of any migration.
            } catch (ClosedChannelException e) {
                if (roster.isClosed()) {
                    return null; // nobody is let in any more
                }
                throw e;
            }
        }
    }

    /**
     * A service: a source that waits for somebody to read what it has sent through a channel that has not come here
     * looks like one that pauses before it switches over; but of one that pauses all packets have come.
     */
    public Void missChannels() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/dst/missing");
        Duration timeout = context.parameters().stallTimeout();
        long since = System.nanoTime();
        while (!barrier.knowsAll()) {
            barrier.awaitRelease(timeout.dividedBy(LOOKS_IN_STALL_TIMEOUT));
            if (!context.watch().isPaused() || !barrier.mayMissPackets()) {
                since = System.nanoTime();
            } else if (System.nanoTime() - since > timeout.toNanos()) {
                throw new ReceiveException("peer must not be silent for longer than stall-timeout: awaited=\"" + barrier
                        + "\" stall-timeout=" + TimeSpan.format(timeout.toNanos()));
            }
        }
        return null;
    }

    /** A service: does in good time what would otherwise be done while the guest stands still. */
    public Void prepareForSwitchover() {
        DeviceState.prepareToRead();
        return null;
    }

    /** A service: lets the source know that somebody is here, until it is told what has become of its guest. */
    public Void repeatPong() throws InterruptedException {
        Thread.currentThread().setName("mig/dst/alive");
        await(returnPath).repeatPong(this::noticePause);
        return null;
    }

    private boolean noticePause() {
        boolean paused = context.watch().isPaused();
        listener.sourcePauses(paused);
        return paused;
    }

    private IncomingGuest awaitGuest() throws InterruptedException {
        return await(guest);
    }

    private static <T> T await(CompletableFuture<T> known) throws InterruptedException {
        try {
            return known.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Whether the source has been told that its guest is safe here, or does not listen: nothing can undo that. For any
     * thread.
     */
    public boolean hasToldSource() {
        return told;
    }

    /**
     * Whether the source has sent all and does not listen: it may have let go of its guest whatever happens here. For
     * any thread, before all is closed.
     */
    public boolean mayHaveBeenLetGo() {
        return main != null && main.mayHaveBeenLetGo();
    }

    /** Tells the source that its guest is not safe here. */
    public Void sendFailure() throws IOException {
        if (main != null) {
            main.sendFailure();
        }
        return null;
    }

    /** Closes all connections. */
    @Override
    public void close() {
        context.stats().trace().recvTerminateThreads(received == null);
        connections.forEach(Connection::close);
    }
}
