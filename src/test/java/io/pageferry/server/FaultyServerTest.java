package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.SharedBandwidth;
import io.pageferry.session.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Errors in a server's own threads. */
@LeakFree
@Timeout(60)
class FaultyServerTest {
    @TempDir
    Path folder;

    @Test
    void shouldAcceptTheNextConnectionWhenOneMeetsAnError() throws Exception {
        AtomicInteger accepted = new AtomicInteger();
        long before = Faults.count(Place.ACCEPT);
        Gathering<Connection> gathering =
                new Gathering<>(2, 100, HostShare.ALL, System::nanoTime, Connection::hasPeerLeft);
        try (Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8);
                ImageStore store = ImageStore.open(folder, new Retention(0, Optional.empty()), 0, Clock.systemUTC());
                Migrations migrations = new Migrations(1, 1)) {
            RefusalLog refusals = new RefusalLog(System::nanoTime, _ -> {}, new RefusalCounters());
            ServerSettings settings = new ServerSettings(
                    List.of(listener.uri()),
                    false,
                    MigrationParameters.builder().build(),
                    8,
                    0,
                    Map.of());
            Reception reception = new Reception(refusals, settings, new SharedBandwidth(0), store, migrations);
            Runnable whenAccepted = () -> {
                if (accepted.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("injected");
                }
            };
            Doorway doorway = new Doorway(listener, gathering, reception, refusals, whenAccepted);
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port());
            try (SocketChannel first = SocketChannel.open(address)) {
                assertEquals(-1, first.read(ByteBuffer.allocate(1)), "the first one is closed");
            }
            Eventually.until("it is noted", () -> Faults.count(Place.ACCEPT) - before == 1);
            assertEquals(0, gathering.waiting());
            try (SocketChannel second = SocketChannel.open(address)) {
                Eventually.until("the next one", () -> gathering.waiting() == 1);
                assertTrue(second.isConnected());
            }
            Eventually.until("it has gone", () -> gathering.waiting() == 0);
            doorway.close();
        }
    }

    @Test
    void shouldMeetDeadlinesOnWhenTheSweeperMeetsErrors() {
        AtomicInteger sweeps = new AtomicInteger();
        long before = Faults.count(Place.SWEEPER);
        try (Sweeper sweeper = new Sweeper(
                Duration.ofMillis(16),
                _ -> {
                    if (sweeps.incrementAndGet() % 2 == 1) {
                        throw new StackOverflowError("injected");
                    }
                },
                () -> {})) {
            Eventually.until("more sweeps", () -> {
                sweeper.wake();
                return sweeps.get() >= 6;
            });
        }
        assertTrue(Faults.count(Place.SWEEPER) - before >= 3);
    }
}
