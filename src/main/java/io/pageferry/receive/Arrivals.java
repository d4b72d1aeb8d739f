package io.pageferry.receive;

import io.pageferry.net.Connection;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.StallWatch;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.InitialPacketValidator;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Takes connections and reads who they are. For any thread: each connection is identified on the thread that takes it,
 * so a silent one holds nobody else up.
 */
final class Arrivals {
    /** An id has one byte. */
    private static final int ANY_CHANNEL = 1 << Byte.SIZE;

    private static final Duration NEVER = Duration.ofDays(1);

    private final ConnectionSource source;
    private final StallWatch watch;
    private final ChannelRoster roster;
    private final CountDownLatch allAccepted;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Counted whenAccepted;

    /** Where the number of connections is open: the wait for those without which nothing goes on. */
    private final StallWatch.Slot wait;

    /** Is told how many connections there are by now. */
    @FunctionalInterface
    interface Counted {
        void connectionIsThere(int connections) throws IOException;
    }

    Arrivals(ConnectionSource source, StallWatch watch, ChannelRoster roster) {
        this(source, watch, roster, _ -> {});
    }

    /**
     * Makes one.
     *
     * @param whenAccepted is told of each connection before anything is done with it
     */
    Arrivals(ConnectionSource source, StallWatch watch, ChannelRoster roster, Counted whenAccepted) {
        this.source = source;
        this.whenAccepted = whenAccepted;
        this.wait = watch.slot("listener");
        this.watch = watch;
        this.roster = roster;
        this.allAccepted = new CountDownLatch(roster.channels() + 1);
    }

    /**
     * Waits for a connection and identifies it. The first one has all the time there is; the others have a deadline.
     *
     * @return empty where nobody is waited for any more
     */
    Optional<Arrival> next() throws IOException, InterruptedException {
        Connection connection;
        try {
            connection = roster.mayBeFewer() ? acceptAnyTime() : source.accept(watch, roster);
        } catch (IOException e) {
            if (roster.isPlain() || roster.isClosed()) {
                return Optional.empty();
            }
            throw e;
        }
        allAccepted.countDown();
        try {
            if (!roster.enter(connection)) {
                connection.close();
                return Optional.empty();
            }
            int connections = accepted.incrementAndGet();
            if (connections == 1 && roster.mayBeFewer()) {
                expectOthers();
            }
            whenAccepted.connectionIsThere(connections);
            roster.beginning();
            return Optional.of(identify(connection));
        } catch (IOException e) {
            connection.close();
            if (roster.isClosed()) {
                return Optional.empty();
            }
            throw e;
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
    }

    private void expectOthers() {
        wait.expect(roster);
        if (roster.isComplete()) {
            wait.done(); // they were quicker
        }
    }

    /** Who may come, or not, has no deadline. */
    private Connection acceptAnyTime() throws IOException, InterruptedException {
        Connection connection = source.accept(new StallWatch(NEVER), roster);
        connection.watchBy(watch);
        watch.arm();
        return connection;
    }

    /** Those are there without which nothing goes on. */
    void completed() {
        wait.done();
    }

    /** Waits for nobody any more. */
    void close() {
        source.close();
    }

    /** The same, and whoever has not said who it is, is none of the migration's. */
    void allAreKnown() {
        roster.close();
        source.close();
    }

    /**
     * Waits for a connection beyond those that there should be; nothing it does or leaves undone counts against the
     * migration's deadlines.
     */
    Connection nextLatecomer() throws IOException, InterruptedException {
        allAccepted.await();
        return source.accept(new StallWatch(NEVER), "latecomer");
    }

    Arrival identify(Connection connection) throws IOException {
        connection.begin();
        int magic = Introduction.firstBytes(connection);
        if (magic == Multifd.MAIN_CHANNEL_MAGIC) {
            connection.name("main channel");
            return new Arrival.Main(connection);
        }
        if (magic != Multifd.MAGIC) {
            throw Introduction.stranger(connection, magic);
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(InitialPacketFlyweight.LENGTH);
        connection.readFully(bytes, "initial packet");
        InitialPacketFlyweight packet = new InitialPacketFlyweight().wrap(new UnsafeBuffer(bytes), 0);
        InitialPacketValidator.validate(
                packet, roster.mayBeFewer() ? ANY_CHANNEL : roster.channels(), roster.expectedUuid(packet.uuid()));
        if (packet.channelId() >= roster.channels()) {
            throw new ReceiveException("source must not have more channels than max-multifd-channels: channel="
                    + packet.channelId() + " max-multifd-channels=" + roster.channels());
        }
        connection.name("channel=" + packet.channelId());
        return new Arrival.Multifd(connection, packet.channelId(), packet.uuid());
    }
}
