package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.SharedBandwidth;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
        requireNextIsAccepted(Place.ACCEPT, "", _ -> {}, () -> {
            if (accepted.incrementAndGet() == 1) {
                throw new OutOfMemoryError("injected");
            }
        });
    }

    @Test
    void shouldKeepNoPlaceForAConnectionWhoseRefusalMeetsAnError() throws Exception {
        AtomicInteger said = new AtomicInteger();
        requireNextIsAccepted(
                Place.CONNECTION,
                "GARBAGE!",
                _ -> {
                    if (said.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("injected");
                    }
                },
                () -> {});
    }

    private void requireNextIsAccepted(Place place, String says, Consumer<String> log, Runnable whenAccepted)
            throws Exception {
        long before = Faults.count(place);
        Gathering<Connection> gathering =
                new Gathering<>(2, 100, HostShare.ALL, System::nanoTime, Connection::hasPeerLeft);
        try (Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8);
                ImageStore store = FolderStore.open(folder, new Retention(0, Optional.empty()), 0, Clock.systemUTC());
                Migrations migrations = new Migrations(1, 1)) {
            RefusalLog refusals =
                    new RefusalLog(System::nanoTime, log, RefusalHistory.inMemory(), new RefusalCounters());
            ServerSettings settings = new ServerSettings(
                    List.of(listener.uri()),
                    false,
                    MigrationParameters.builder().build(),
                    8,
                    0,
                    Map.of());
            MigrationStarter starter =
                    new MigrationStarter(refusals, settings, new SharedBandwidth(0), store, migrations);
            GuestListener one = new GuestListener(listener, gathering, starter, refusals, whenAccepted);
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port());
            try (SocketChannel first = SocketChannel.open(address)) {
                first.write(ByteBuffer.wrap(says.getBytes(StandardCharsets.US_ASCII)));
                requireClosed(first);
            }
            Eventually.until("it is noted", () -> Faults.count(place) - before == 1);
            Eventually.until("its place is free", () -> gathering.waiting() == 0);
            try (SocketChannel second = SocketChannel.open(address)) {
                Eventually.until("the next one", () -> gathering.waiting() == 1);
                assertTrue(second.isConnected());
            }
            Eventually.until("it has gone", () -> gathering.waiting() == 0);
            one.close();
        }
    }

    private static void requireClosed(SocketChannel channel) {
        try {
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)), "the first one is closed");
        } catch (IOException e) {
            // With what it had said unread.
        }
    }

    @Test
    void shouldMeetDeadlinesWhileHousekeepingTakesLong() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger sweeps = new AtomicInteger();
        Runnable housekeeping = () -> {
            begun.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        try (Sweeper sweeper =
                new Sweeper(Duration.ofMillis(16), _ -> sweeps.incrementAndGet(), housekeeping, Duration.ofMillis(1))) {
            assertTrue(begun.await(10, TimeUnit.SECONDS));
            int before = sweeps.get();
            Eventually.until("more sweeps", () -> {
                sweeper.wake();
                return sweeps.get() >= before + 3;
            });
        } finally {
            over.countDown();
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
