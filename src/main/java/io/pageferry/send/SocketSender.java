package io.pageferry.send;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.handoff.Lanes;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.ChannelTrace;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.NetException;
import io.pageferry.net.SocketThreads;
import io.pageferry.net.StallWatch;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.StreamOutput;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A migration that goes out over sockets. Its tasks run in one scope: {@link #runMain}, {@link #runReturnPath}, and
 * {@link #runChannel} for each channel, of which there are none without multifd.
 *
 * <p>The main channel connects first, and the others once it has: QEMU before 8.0 takes the first connection for the
 * main one.
 */
public final class SocketSender implements AutoCloseable {
    /** Is told how far the migration is. Called on the main thread, unless said otherwise. */
    public interface Progress {
        /** All channels are there and the first sync is through. */
        void active();

        /** The guest is about to be stopped. */
        void switchover();

        /** The destination has said that the guest is safe there. Called on the return path's thread. */
        void handedOver();
    }

    private static final Logger LOG = LoggerFactory.getLogger(SocketSender.class);

    private final OutgoingTransfer transfer;
    private final Connector connector;
    private final OutgoingGuest guest;
    private final MigrationParameters parameters;
    private final ChannelCodecs codecs;
    private final StallWatch watch;
    private final MigrationStats stats;
    private final Progress progress;

    private final WireMode mode;
    private final PacketGeometry geometry;
    private final int batchesOfAJob;
    private final Lanes<SendJob> lanes;
    private final ReturnPath returnPath;
    private final DeviceStateProducers deviceState;
    private final AtomicLong packetNum = new AtomicLong();
    private final CountDownLatch mainConnected = new CountDownLatch(1);
    private final Queue<Connection> connections = new ConcurrentLinkedQueue<>();
    private final List<ChannelWatch> watches;
    private volatile Connection main;

    /**
     * Makes a sender.
     *
     * @param connector to the destination
     * @param codecs of the method that the destination was told; closed by their maker
     */
    public SocketSender(
            OutgoingTransfer transfer, Connector connector, ChannelCodecs codecs, StallWatch watch, Progress progress) {
        this.transfer = transfer;
        this.connector = connector;
        this.guest = transfer.guest();
        this.parameters = transfer.parameters();
        this.codecs = codecs;
        this.watch = watch;
        this.stats = transfer.stats();
        this.progress = progress;
        RamLayout layout = guest.pages().layout();
        this.mode = WireMode.of(guest.dialect(), parameters);
        this.geometry = new PacketGeometry(layout.pageSizeBytes());
        this.batchesOfAJob =
                SendJob.batches(layout.totalPages() / geometry.pagesPerPacket(), Math.max(1, parameters.channels()));
        this.lanes = new Lanes<>(parameters.channels(), Lanes.DEFAULT_DEPTH, this::emptyJob);
        this.returnPath = new ReturnPath(watch);
        this.watches = IntStream.range(0, parameters.channels())
                .mapToObj(channel -> new ChannelWatch(channel, returnPath))
                .toList();
        this.deviceState =
                new DeviceStateProducers(guest.deviceStateBesideRam(), lanes, this::emptyJob, transfer::limiter);
        stats.guest(layout.totalBytes(), layout.pageSizeBytes());
    }

    private SendJob emptyJob() {
        return new SendJob(
                batchesOfAJob, () -> new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, geometry.pagesPerPacket()));
    }

    public int channels() {
        return parameters.channels();
    }

    /** How many threads there are that produce device state. */
    public int deviceStateThreads() {
        return deviceState.threads();
    }

    /** The main channel's task: comes back when the destination has said that it has the guest. */
    public Void runMain() throws IOException, InterruptedException {
        // It hands over as often as the channels send: they would wake a scheduler of virtual threads for each packet.
        SocketThreads.ofThisProcess().run("mig/src/main", this::sendMain);
        return null;
    }

    private void sendMain() throws IOException, InterruptedException {
        requireChannelsForDeviceState();
        tellIfUnknown();
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
    }

    private void tellIfUnknown() {
        if (mode.pagesOnMainChannel()
                && !parameters.pagesOnMainChannel()
                && parameters.has(MigrationCapability.MULTIFD)) {
            LOG.warn(
                    "machine type must be a known one, or multifd-flush-after-each-section be set to what the"
                            + " destination has, for pages to go over the multifd channels; they go over the main"
                            + " channel, which is right everywhere and slower: machine={}",
                    guest.configuration().machineType().name());
        }
    }

    private void requireChannelsForDeviceState() throws SendException {
        boolean any = !guest.deviceStateBesideRam().pieces().isEmpty();
        if (any && mode.pagesOnMainChannel()) {
            throw new SendException("device state beside RAM must go over multifd channels, and when the destination"
                    + " waits for these must be known (multifd-flush-after-each-section): multifd="
                    + (parameters.has(MigrationCapability.MULTIFD) ? "on" : "off") + " machine="
                    + guest.configuration().machineType().name());
        }
        if (any && codecs.method() != CompressionMethod.NONE) {
            throw new SendException("device state must not go beside RAM that is compressed, set multifd-compression to"
                    + " none: multifd-compression=" + codecs.method().qemuName());
        }
    }

    private void sendAll() throws IOException, InterruptedException {
        StreamOutput out = new StreamOutput(new CountedSink(new ConnectionSink(main), stats));
        MainSender stream = new MainSender(guest, configuration(), mode, out, lanes, deviceState.threads() > 0, stats);
        try (RamTransfer ram = precopy(stream)) {
            stream.begin(true);
            stream.setup();
            progress.active();
            ram.sendBeforeSwitchover();
            progress.switchover();
            guest.stop();
            ram.sendAfterStop();
            stream.deviceState();
            watches.forEach(ChannelWatch::endFollows);
            returnPath.lastBytesFollow();
            flushLast(stream);
            // Not before: the guest stands still, and threads that are woken to end take its time.
            lanes.finish();
        }
    }

    private RamTransfer precopy(MainSender stream) throws IOException {
        SendJob[] empty = {emptyJob(), emptyJob()};
        RoundPlanner planner = mode.pagesOnMainChannel()
                ? RoundPlanner.ofMainChannel(guest.pages(), stream, empty, transfer.limiter(), mode.zeroPages())
                : new RoundPlanner(
                        guest.pages(),
                        JobTarget.of(lanes),
                        empty,
                        transfer.limiter(),
                        mode.zeroPages(),
                        stream.records()::zeroPage);
        Precopy precopy = new Precopy(parameters.downtimeLimit(), stats);
        return new PrecopyTransfer(guest, stream, planner, deviceState, precopy, stats);
    }

    private void flushLast(MainSender stream) throws IOException {
        try {
            stream.flush();
        } catch (NetException e) {
            returnPath.lastBytesLost();
            throw e;
        }
    }

    /** The uuid is said where the guest's source has said it, or where it shall be. */
    private Configuration configuration() {
        Configuration said = guest.configuration();
        return said.uuid().isPresent() || parameters.has(MigrationCapability.VALIDATE_UUID)
                ? said.withUuid(transfer.uuid())
                : said;
    }

    /** Whether the destination has said that it has the guest. For any thread. */
    public boolean isHandedOver() {
        return returnPath.isLoaded();
    }

    /** Whether the destination may have the guest, all being sent, and has not said whether it has. For any thread. */
    public boolean isInDoubt() {
        return returnPath.isInDoubt();
    }

    /** The return path's task. */
    public Void runReturnPath() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/return");
        mainConnected.await();
        returnPath.run(main);
        progress.handedOver();
        return null;
    }

    /** A task of a thread that produces device state. */
    public Void runDeviceState(int thread) throws InterruptedException {
        Thread.currentThread().setName("mig/src/device_" + thread);
        deviceState.run();
        return null;
    }

    /** A multifd channel's task. */
    public Void runChannel(int channel) throws IOException, InterruptedException {
        SocketThreads.ofThisProcess().run("mig/src/send_" + channel, () -> sendChannel(channel));
        return null;
    }

    private void sendChannel(int channel) throws IOException, InterruptedException {
        ChannelTrace trace = stats.channel(channel).trace();
        mainConnected.await();
        Connection connection = connect(channel, trace);
        trace.sendThreadStart();
        RamLayout layout = guest.pages().layout();
        RamBlockTable blocks = new RamBlockTable(layout.names(), layout.lengthsBytes());
        try (PacketOutput output = new PacketOutput(
                writerOf(connection, channel), geometry, codecs, blocks, packetNum, stats.channel(channel))) {
            sendInitialPacket(connection, channel);
            boolean zeroCopy = parameters.has(MigrationCapability.ZERO_COPY_SEND);
            if (!zeroCopy) {
                watches.get(channel).begin(connection);
            }
            boolean findZeroPages = mode.zeroPages() == ZeroPageDetection.MULTIFD;
            new ChannelSender(lanes.lane(channel), guest, findZeroPages, stats.latencies())
                    .run(output, geometry.pagesPerPacket());
            if (zeroCopy) {
                watches.get(channel).begin(connection); // before, it would wake at each completion
            }
            connection.finish();
        } catch (ClosedChannelException e) {
            throw e; // cut loose, because of somebody else's error
        } catch (IOException e) {
            trace.sendError(e);
            throw e instanceof NetException failure ? watches.get(channel).writeFailed(failure) : e;
        } finally {
            trace.sendThreadEnd(stats.channel(channel).packets.get());
        }
    }

    /** Of the scope: fails once the destination has stalled, and says what the reason may be. */
    public Void watchForStall() throws NetException {
        try {
            return watch.watch();
        } catch (NetException e) {
            throw new NetException(e.getMessage() + mode.reasonToStall(), e);
        }
    }

    /** A service, one for each channel: notices that the destination lets go of it. */
    public Void watchChannel(int channel) throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/watch_" + channel);
        watches.get(channel).run();
        return null;
    }

    private Connection connect(int channel, ChannelTrace trace) throws IOException {
        trace.connecting();
        try {
            Connection connection = connector.connect(watch, "channel=" + channel);
            connections.add(connection);
            trace.newSendChannelAsync();
            trace.setOutgoingChannel(connection.peer());
            return connection;
        } catch (IOException e) {
            trace.newSendChannelAsyncError(e);
            throw e;
        }
    }

    private PacketWriter writerOf(Connection connection, int channel) throws IOException {
        return parameters.has(MigrationCapability.ZERO_COPY_SEND)
                ? new ZeroCopyPacketWriter(
                        connection,
                        geometry.pagesPerPacket(),
                        guest.pages().isInMemory(),
                        stats.dirtySyncMissedZeroCopy,
                        stats.channel(channel))
                : PacketWriter.copying(connection);
    }

    private void sendInitialPacket(Connection connection, int channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(InitialPacketFlyweight.LENGTH);
        new InitialPacketFlyweight().wrap(new UnsafeBuffer(bytes), 0).fill(transfer.uuid(), channel);
        connection.writeFully(bytes, "initial packet");
        stats.channel(channel).multifdBytes.add(InitialPacketFlyweight.LENGTH);
    }

    /** Closes all connections. */
    @Override
    public void close() {
        stats.trace().sendTerminateThreads();
        connections.forEach(Connection::close);
    }
}
