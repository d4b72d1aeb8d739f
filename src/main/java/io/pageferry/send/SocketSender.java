package io.pageferry.send;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.handoff.Lanes;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.stream.StreamOutput;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A migration that goes out over sockets. Its tasks run in one scope: {@link #runMain}, {@link #runReturnPath}, and {@link #runChannel} for each
 * channel.
 *
 * <p>The main channel connects first, and the others once it has: QEMU before 8.0 takes the first connection for the main one.
 */
public final class SocketSender implements AutoCloseable {
    /** Is told how far the migration is. Called on the main thread. */
    public interface Progress {
        /** All channels are there and the first sync is through. */
        void active();

        /** The guest is about to be stopped. */
        void switchover();
    }

    private final Connector connector;
    private final OutgoingGuest guest;
    private final MigrationParameters parameters;
    private final ChannelCodecs codecs;
    private final UUID uuid;
    private final StallWatch watch;
    private final MigrationStats stats;
    private final Progress progress;

    private final WireMode mode;
    private final PacketGeometry geometry;
    private final Lanes<PageBatch> lanes;
    private final ReturnPath returnPath;
    private final AtomicLong packetNum = new AtomicLong();
    private final CountDownLatch mainConnected = new CountDownLatch(1);
    private final Queue<Connection> connections = new ConcurrentLinkedQueue<>();
    private volatile Connection main;

    /**
     * Makes a sender.
     *
     * @param connector to the destination
     * @param codecs of the method that the destination was told; closed by their maker
     * @param uuid the guest's, as its destination has it; all zero where none is set
     */
    public SocketSender(
            Connector connector,
            OutgoingGuest guest,
            MigrationParameters parameters,
            ChannelCodecs codecs,
            UUID uuid,
            StallWatch watch,
            MigrationStats stats,
            Progress progress) {
        this.connector = connector;
        this.guest = guest;
        this.parameters = parameters;
        this.codecs = codecs;
        this.uuid = uuid;
        this.watch = watch;
        this.stats = stats;
        this.progress = progress;
        RamLayout layout = guest.pages().layout();
        this.mode = WireMode.of(guest.configuration().machineType(), parameters);
        this.geometry = new PacketGeometry(layout.pageSizeBytes());
        this.lanes = new Lanes<>(parameters.multifdChannels(), Lanes.DEFAULT_DEPTH, this::emptyBatch);
        this.returnPath = new ReturnPath(watch);
        stats.guest(layout.totalBytes(), layout.pageSizeBytes());
    }

    private PageBatch emptyBatch() {
        return new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, geometry.pagesPerPacket());
    }

    public int channels() {
        return parameters.multifdChannels();
    }

    /** The main channel's task: comes back when the destination has said that it has the guest. */
    public Void runMain() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/main");
        watch.arm();
        main = connector.connect(watch, "main channel");
        connections.add(main);
        mainConnected.countDown();
        try {
            sendAll();
        } catch (NetException e) {
            throw returnPath.explain(e);
        }
        returnPath.awaitLoaded();
        main.finish();
        return null;
    }

    private void sendAll() throws IOException, InterruptedException {
        StreamOutput out = new StreamOutput(bytes -> {
            int length = bytes.remaining();
            main.writeFully(bytes, "main stream");
            stats.mainBytes.add(length);
        });
        Precopy precopy = new Precopy(parameters.downtimeLimit(), stats);
        MainSender stream = new MainSender(guest, mode, out, lanes, precopy, stats);
        RateLimiter limiter = new RateLimiter(parameters.maxBandwidth(), stats::transferredBytes);
        PageBatch[] empty = {emptyBatch(), emptyBatch()};
        try (RoundPlanner planner =
                new RoundPlanner(guest.pages(), lanes, empty, limiter, mode.zeroPages(), stream::zeroPage)) {
            stream.begin();
            stream.setup();
            progress.active();
            stream.sendRounds(planner);
            progress.switchover();
            guest.stop();
            stream.complete(planner);
            lanes.finish();
            returnPath.lastBytesFollow();
            stream.flush();
        }
    }

    /** The return path's task. */
    public Void runReturnPath() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/return");
        mainConnected.await();
        returnPath.run(main);
        return null;
    }

    /** A multifd channel's task. */
    public Void runChannel(int channel) throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/send_" + channel);
        mainConnected.await();
        Connection connection = connector.connect(watch, "channel=" + channel);
        connections.add(connection);
        RamLayout layout = guest.pages().layout();
        RamBlockTable blocks = new RamBlockTable(layout.names(), layout.lengthsBytes());
        try (PacketOutput output =
                new PacketOutput(connection, geometry, codecs, blocks, packetNum, stats.channel(channel))) {
            sendInitialPacket(connection, channel);
            boolean findZeroPages = mode.zeroPages() == ZeroPageDetection.MULTIFD;
            new ChannelSender(lanes.lane(channel), guest.pages(), findZeroPages, stats.latencies())
                    .run(output, geometry.pagesPerPacket());
            connection.finish();
        } catch (NetException e) {
            throw returnPath.explain(e);
        }
        return null;
    }

    private void sendInitialPacket(Connection connection, int channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(InitialPacketFlyweight.LENGTH);
        new InitialPacketFlyweight().wrap(new UnsafeBuffer(bytes), 0).fill(uuid, channel);
        connection.writeFully(bytes, "initial packet");
        stats.channel(channel).multifdBytes.add(InitialPacketFlyweight.LENGTH);
    }

    /** Closes all connections. */
    @Override
    public void close() {
        connections.forEach(Connection::close);
    }
}
