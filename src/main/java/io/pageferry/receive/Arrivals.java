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
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Takes connections and reads who they are. For any thread: each connection is identified on the thread that takes it,
 * so a silent one holds nobody else up.
 */
final class Arrivals {
    private final ConnectionSource source;
    private final StallWatch watch;
    private final ChannelRoster roster;
    private final CountDownLatch allAccepted;

    Arrivals(ConnectionSource source, StallWatch watch, ChannelRoster roster) {
        this.source = source;
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
            connection = source.accept(watch, roster);
        } catch (IOException e) {
            if (roster.isPlain()) {
                return Optional.empty();
            }
            throw e;
        }
        allAccepted.countDown();
        roster.beginning();
        try {
            return Optional.of(identify(connection));
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
    }

    /** Waits for nobody any more. */
    void close() {
        source.close();
    }

    /**
     * Waits for a connection beyond those that there should be; nothing it does or leaves undone counts against the
     * migration's deadlines.
     */
    Connection nextLatecomer() throws IOException, InterruptedException {
        allAccepted.await();
        return source.accept(new StallWatch(Duration.ofDays(1)), "latecomer");
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
        InitialPacketValidator.validate(packet, roster.channels(), roster.expectedUuid(packet.uuid()));
        connection.name("channel=" + packet.channelId());
        return new Arrival.Multifd(connection, packet.channelId(), packet.uuid());
    }
}
