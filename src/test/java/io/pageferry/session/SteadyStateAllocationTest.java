package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.pageferry.codec.ChannelCodecs;
import io.pageferry.codec.WindowClaim;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.DirtyLog;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.receive.ReceiverContext;
import io.pageferry.receive.SocketReceiver;
import io.pageferry.send.BandwidthLimit;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.send.OutgoingTransfer;
import io.pageferry.send.SocketSender;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The data path allocates nothing per packet: a migration of many rounds allocates no more than one of few, but for
 * what a round itself takes.
 *
 * <p>The same tasks that a scope forks run on platform threads here. Of these the JVM counts each byte that they
 * allocate; of virtual threads it does not, and these allocate a little whenever they park, which is the JDK's doing
 * and not the packet's.
 */
@LeakFree
@Timeout(120)
class SteadyStateAllocationTest {
    private static final int CHANNELS = 2;
    private static final int PACKETS_OF_A_ROUND = 128;
    private static final int FEW_ROUNDS = 3;
    private static final int MANY_ROUNDS = 12 * FEW_ROUNDS;

    /**
     * The smallest object has 16 bytes, so one in every packet is too much, wherever it is. What a round takes for
     * itself (its sync, its dirty log, its status) comes to about 600 bytes, or 5 a packet; where the machine is busy,
     * and the compiler late, to 1,500, or 12.
     */
    private static final double MOST_BYTES_A_PACKET = 16;

    /**
     * An object in every packet is there each time. What is not is the JVM's: where it has collected garbage, a virtual
     * thread that waits gets a new place for its stack, of some KiB.
     */
    private static final int MOST_ATTEMPTS = 3;

    /** Never reached, but looked at. */
    private static final long MAX_BANDWIDTH = 1L << 50;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void shouldAllocateNothingPerPacketFromMemoryToMemory(ZeroPageDetection detection) throws Exception {
        try (SyntheticGuest guest = guest()) {
            requireSteady(new SyntheticOutgoingGuest(guest), this::memory, detection);
        }
    }

    @Test
    void shouldAllocateNothingPerPacketFromMemoryToImage() throws Exception {
        try (SyntheticGuest guest = guest()) {
            requireSteady(new SyntheticOutgoingGuest(guest), this::image, ZeroPageDetection.MULTIFD);
        }
    }

    @Test
    void shouldAllocateNothingPerPacketFromImageToMemory() throws Exception {
        Path path = folder.resolve("source.img");
        MigrationParameters parameters = parameters(ZeroPageDetection.MULTIFD);
        try (SyntheticGuest guest = guest()) {
            MigrationUri file = new MigrationUri.ImageFile(path, 0);
            assertTrue(OutgoingMigration.of(new SyntheticOutgoingGuest(guest), file, Optional.empty(), parameters)
                    .run()
                    .completed());
        }
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false);
                BufferPool buffers = PacketBuffers.newPool(CHANNELS)) {
            requireSteady(new CheckpointGuest(image, buffers), this::memory, ZeroPageDetection.MULTIFD);
        }
    }

    private static SyntheticGuest guest() {
        return new SyntheticGuest(new GuestShape(PACKETS_OF_A_ROUND * 512L * 1024, 0, 0.1, 0, 1));
    }

    /** Makes a place for guests. */
    @FunctionalInterface
    private interface Destinations {
        Destination create(MigrationParameters parameters) throws IOException;
    }

    private Destination memory(MigrationParameters parameters) {
        return new MemoryDestination();
    }

    private Destination image(MigrationParameters parameters) throws IOException {
        return CheckpointDestination.of(
                PendingImage.at(folder.resolve("guest.img"), parameters.directIo()), parameters);
    }

    private static void requireSteady(OutgoingGuest guest, Destinations destinations, ZeroPageDetection detection)
            throws Exception {
        MigrationParameters parameters = parameters(detection);
        migrate(guest, FEW_ROUNDS, destinations, parameters); // what is made once is made
        List<String> spent = new ArrayList<>();
        double least = Double.MAX_VALUE;
        while (least >= MOST_BYTES_A_PACKET && spent.size() < MOST_ATTEMPTS) {
            Spending few = migrate(guest, FEW_ROUNDS, destinations, parameters);
            Spending many = migrate(guest, MANY_ROUNDS, destinations, parameters);
            long packets = many.packets() - few.packets();
            assertTrue(packets >= (MANY_ROUNDS - FEW_ROUNDS) * PACKETS_OF_A_ROUND / 2);
            double perPacket = (double) (many.totalBytes() - few.totalBytes()) / packets;
            spent.add(perPacket + " bytes a packet: few=" + few + " many=" + many);
            least = Math.min(least, perPacket);
        }
        assertTrue(least < MOST_BYTES_A_PACKET, () -> String.join("\n", spent));
    }

    private static MigrationParameters parameters(ZeroPageDetection detection) {
        return MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .zeroPageDetection(detection)
                .maxBandwidth(MAX_BANDWIDTH)
                .downtimeLimit(Duration.ZERO)
                .build();
    }

    /** What the tasks of a migration have allocated, by the names that they give their threads. */
    private record Spending(long packets, Map<String, Long> bytes) {
        long totalBytes() {
            return bytes.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private static Spending migrate(
            OutgoingGuest guest, int rounds, Destinations destinations, MigrationParameters parameters)
            throws Exception {
        StallWatch watch = new StallWatch(Duration.ofMinutes(1));
        MigrationStats sent = new MigrationStats(CHANNELS);
        try (ChannelCodecs codecs = Migration.openCodecs(parameters, WindowClaim.UNLIMITED);
                Listener listener = Listener.open(MigrationUri.parse("tcp:127.0.0.1:0"), CHANNELS + 1);
                Destination destination = destinations.create(parameters);
                SocketReceiver receiver = new SocketReceiver(
                        listener,
                        Optional.empty(),
                        destination,
                        new ReceiverContext(
                                parameters, codecs, watch, new MigrationStats(CHANNELS), MemoryGrowth.UNLIMITED),
                        new Unheard());
                SocketSender sender = new SocketSender(
                        new OutgoingTransfer(
                                new DirtiedGuest(guest, restless(rounds)),
                                new UUID(0, 0),
                                parameters,
                                new BandwidthLimit(0),
                                sent),
                        Connector.to(listener.uri()),
                        codecs,
                        watch,
                        new NoProgress())) {
            Map<String, Long> bytes = runOnPlatformThreads(tasks(sender, receiver));
            return new Spending(sent.packets(), bytes);
        }
    }

    private static List<Callable<?>> tasks(SocketSender sender, SocketReceiver receiver) {
        List<Callable<?>> tasks = new ArrayList<>();
        for (int i = 0; i < receiver.tasks(); i++) {
            tasks.add(() -> receiver.takeConnection(guest -> {}));
        }
        tasks.add(sender::runMain);
        tasks.add(sender::runReturnPath);
        for (int i = 0; i < CHANNELS; i++) {
            int channel = i;
            tasks.add(() -> sender.runChannel(channel));
        }
        return tasks;
    }

    private static Map<String, Long> runOnPlatformThreads(List<Callable<?>> tasks) throws Exception {
        Map<String, Long> bytes = new ConcurrentSkipListMap<>();
        List<FutureTask<?>> running = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Callable<?> task : tasks) {
            FutureTask<?> future = new FutureTask<>(() -> {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                task.call();
                bytes.put(Thread.currentThread().getName(), THREADS.getCurrentThreadAllocatedBytes() - before);
                return null;
            });
            running.add(future);
            threads.add(Thread.ofPlatform().start(future));
        }
        try {
            for (FutureTask<?> future : running) {
                future.get();
            }
        } finally {
            for (Thread thread : threads) {
                thread.interrupt();
                thread.join();
            }
        }
        assertEquals(tasks.size(), bytes.size());
        return bytes;
    }

    /** Nobody asks. */
    private static final class NoProgress implements SocketSender.Progress {
        @Override
        public void active() {}

        @Override
        public void switchover() {}

        @Override
        public void handedOver() {}
    }

    /** Has all pages dirtied again after each round, or nearly all, so that it seems to converge; then it stops. */
    private static DirtyLog restless(int rounds) {
        AtomicInteger left = new AtomicInteger(rounds - 1);
        return (block, into) -> {
            int round = left.getAndUpdate(rest -> Math.max(0, rest - 1));
            if (round > 0) {
                into.setRange(round % 2 == 0 ? 0 : block.pages() / 10, block.pages());
            }
            return into.count();
        };
    }

    private static final class Unheard implements SocketReceiver.Listener {
        @Override
        public void firstConnectionIsThere() {}

        @Override
        public void allConnectionsAreThere() {}
    }
}
