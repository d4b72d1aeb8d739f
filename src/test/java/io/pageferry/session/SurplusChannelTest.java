package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.net.Listener;
import io.pageferry.testing.LeakFree;
import io.pageferry.wire.InitialPacketFlyweight;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A source with more channels than were agreed on sends nothing on its main channel before all of them are connected.
 */
@LeakFree
@Timeout(20)
class SurplusChannelTest {
    private static final MigrationParameters TWO_CHANNELS =
            MigrationParameters.builder().multifdChannels(2).build();

    @Test
    void shouldRefuseSurplusChannelWhenMainChannelWaitsForIt() throws Exception {
        assertEquals(
                "channel id must be below multifd-channels, set it as the source has it: channel=2 multifd-channels=2",
                failureOf(1, 0, 1, 2));
    }

    @Test
    void shouldRefuseOneConnectionMoreWhenSomebodyElseIsAmongThem() throws Exception {
        assertEquals(
                "migration must have 3 connections, set multifd-channels alike on both ends: oneMore=\"channel=1\"",
                failureOf(2, 0, 1));
    }

    /** What becomes of a migration with so many silent connections, and then multifd channels with these ids. */
    private static String failureOf(int silent, Integer... channels) throws Exception {
        List<SocketChannel> connections = new ArrayList<>();
        try (Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8);
                MemoryDestination destination = new MemoryDestination()) {
            FutureTask<MigrationOutcome> migration = new FutureTask<>(
                    IncomingMigration.from(listener, Optional.empty(), TWO_CHANNELS, destination)::run);
            Thread.ofVirtual().start(migration);
            for (int i = 0; i < silent; i++) {
                connections.add(connect(listener));
            }
            for (int channel : channels) {
                SocketChannel connection = connect(listener);
                connections.add(connection);
                ByteBuffer packet = ByteBuffer.allocateDirect(InitialPacketFlyweight.LENGTH);
                new InitialPacketFlyweight().wrap(new UnsafeBuffer(packet), 0).fill(new UUID(0, 0), channel);
                connection.write(packet);
            }
            return migration.get().failure().orElseThrow().getMessage();
        } finally {
            for (SocketChannel connection : connections) {
                connection.close();
            }
        }
    }

    private static SocketChannel connect(Listener listener) throws Exception {
        return SocketChannel.open(new InetSocketAddress("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port()));
    }
}
