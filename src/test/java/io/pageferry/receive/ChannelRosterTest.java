package io.pageferry.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import io.pageferry.testing.Threads;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@LeakFree
@Timeout(30)
class ChannelRosterTest {
    private static final int CHANNELS = 4;
    private static final UUID GUEST = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger complete = new AtomicInteger();
    private final ChannelRoster roster =
            new ChannelRoster(CHANNELS, Optional.empty(), begun::incrementAndGet, complete::incrementAndGet);
    private Loopback loopback;

    @BeforeEach
    void connect() throws Exception {
        loopback = Loopback.open();
    }

    @AfterEach
    void close() {
        loopback.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldBeCompleteWhenAllAreThereInWhateverOrder(long seed) throws Exception {
        List<Arrival> arrivals = all();
        Collections.shuffle(arrivals, new Random(seed));
        for (Arrival arrival : arrivals) {
            assertEquals(0, complete.get());
            roster.join(arrival);
        }
        assertEquals(1, complete.get());
        roster.awaitAll();
        assertEquals(CHANNELS, roster.multifdConnections().size());
    }

    @Test
    void shouldBeCompleteOnceWhenAllComeAtTheSameTime() throws Exception {
        List<Callable<?>> joining = new ArrayList<>();
        for (Arrival arrival : all()) {
            joining.add(() -> {
                roster.join(arrival);
                roster.awaitAll();
                assertEquals(1, complete.get());
                return null;
            });
        }
        Threads.runTogether(joining);
        assertEquals(1, complete.get());
    }

    @Test
    void shouldLetWaitUntilTheLastOneIsThere() throws Exception {
        List<Arrival> arrivals = all();
        Arrival last = arrivals.removeLast();
        for (Arrival arrival : arrivals) {
            roster.join(arrival);
        }
        CompletableFuture<Void> all = new CompletableFuture<>();
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                roster.awaitAll();
                all.complete(null);
            } catch (InterruptedException e) {
                all.completeExceptionally(e);
            }
        });
        Threads.awaitParked(waiting);
        assertFalse(all.isDone());
        roster.join(last);
        all.get();
    }

    @Test
    void shouldRefuseChannelWhenItsIdIsTaken() throws Exception {
        roster.join(channel(2));
        assertEquals(
                "channel id must be new: channel=2 first=" + ours().peer() + " second=" + ours().peer(),
                assertThrows(ReceiveException.class, () -> roster.join(channel(2)))
                        .getMessage());
        assertEquals(1, roster.multifdConnections().size());
    }

    @Test
    void shouldRefuseMainChannelWhenThereIsOne() throws Exception {
        roster.join(main());
        assertEquals(
                "migration must have one main channel: first=" + ours().peer() + " second=" + ours().peer(),
                assertThrows(ReceiveException.class, () -> roster.join(main())).getMessage());
    }

    @Test
    void shouldNotCountWhoWasRefused() throws Exception {
        roster.join(main());
        for (int i = 0; i < CHANNELS; i++) {
            assertThrows(ReceiveException.class, () -> roster.join(main()));
        }
        assertEquals(0, complete.get());
    }

    @Test
    void shouldExpectTheUuidOfTheFirstWhenNoneWasSet() {
        assertEquals(GUEST, roster.expectedUuid(GUEST));
        assertEquals(GUEST, roster.expectedUuid(new UUID(0, 0)));
    }

    @Test
    void shouldExpectTheUuidThatWasSet() {
        ChannelRoster strict = new ChannelRoster(CHANNELS, Optional.of(GUEST), () -> {}, () -> {});
        assertEquals(GUEST, strict.expectedUuid(new UUID(0, 0)));
    }

    @Test
    void shouldBeginOnceWhenConnectionsCome() {
        assertEquals(0, begun.get());
        roster.beginning();
        roster.beginning();
        assertEquals(1, begun.get());
    }

    @Test
    void shouldSayWhatIsMissing() throws Exception {
        String advice = ", set multifd and multifd-channels alike on both ends";
        assertEquals("connection 1 of 5" + advice, roster.toString());
        roster.join(main());
        roster.join(channel(3));
        assertEquals("connection 3 of 5" + advice, roster.toString());
    }

    @Test
    void shouldGiveTheConnectionsThatAreThere() throws Exception {
        assertTrue(roster.multifdConnections().isEmpty());
        roster.join(main());
        roster.join(channel(1));
        assertEquals(List.of(ours()), roster.multifdConnections());
    }

    /** The wire does not say whose pages they are where the guests have no uuid. */
    @Test
    void shouldRefuseConnectionFromAnotherHost() throws Exception {
        try (Listener listener = Listener.open(Loopback.ANY_PORT, 2)) {
            InetSocketAddress there = new InetSocketAddress("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port());
            try (SocketChannel first = SocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                    SocketChannel second = SocketChannel.open().bind(new InetSocketAddress("127.0.0.2", 0))) {
                first.connect(there);
                second.connect(there);
                try (Connection one = accept(listener);
                        Connection other = accept(listener)) {
                    roster.join(new Arrival.Main(one));
                    assertEquals(
                            "connections of a migration must come from one host: first=" + one.peer() + " second="
                                    + other.peer(),
                            assertThrows(
                                            ReceiveException.class,
                                            () -> roster.join(new Arrival.Multifd(other, 0, GUEST)))
                                    .getMessage());
                }
            }
        }
        assertTrue(roster.multifdConnections().isEmpty());
    }

    @Test
    void shouldJoinConnectionsOverUnixSocketsWhateverTheirPaths(@TempDir Path folder) throws Exception {
        UnixDomainSocketAddress there = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (Listener listener = Listener.open(new MigrationUri.Unix(there.getPath()), 2);
                SocketChannel unnamed = SocketChannel.open(there);
                SocketChannel named = SocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(folder.resolve("a:1")))) {
            named.connect(there);
            try (Connection one = accept(listener);
                    Connection other = accept(listener)) {
                assertTrue(unnamed.isConnected());
                roster.join(new Arrival.Main(one));
                roster.join(new Arrival.Multifd(other, 0, GUEST));
                assertEquals(List.of(other), roster.multifdConnections());
            }
        }
    }

    private static Connection accept(Listener listener) throws Exception {
        return listener.accept(new StallWatch(Loopback.PATIENT), "peer");
    }

    private List<Arrival> all() {
        List<Arrival> arrivals = new ArrayList<>();
        arrivals.add(main());
        for (int id = 0; id < CHANNELS; id++) {
            arrivals.add(channel(id));
        }
        return arrivals;
    }

    private Arrival main() {
        return new Arrival.Main(ours());
    }

    private Arrival channel(int id) {
        return new Arrival.Multifd(ours(), id, GUEST);
    }

    private Connection ours() {
        return loopback.ours();
    }
}
