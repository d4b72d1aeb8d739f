package io.pageferry.receive;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connection;
import io.pageferry.net.StallWatch;
import io.pageferry.stream.Command;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.MachineType;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.RamBlockEntry;
import io.pageferry.stream.RamSectionHandler;
import io.pageferry.stream.RamSectionReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamInput;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.PacketGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes in the main channel, on its own thread: what the guest is, where syncs are, and everything that is not RAM.
 *
 * <p>Whether syncs are per round or per section is not said anywhere, but the first section has one: where a
 * MULTIFD_FLUSH stands in it they are per round, and where none does its end was one already.
 */
final class MainReceiver implements RamSectionHandler {
    private final Connection connection;
    private final StreamInput in;
    private final ReturnPathWriter returnPath;
    private final MigrationParameters parameters;
    private final CompressionMethod method;
    private final SinkOpener opener;
    private final Consumer<IncomingGuest> whenGuestIsKnown;
    private final SyncBarrier barrier;
    private final MigrationStats stats;
    private final MemoryGrowth heap;

    private Configuration configuration;
    private int pageSizeBytes;
    private Section ram;
    private IncomingGuest guest;
    private boolean setupDone;
    private volatile boolean ended;
    private volatile boolean brokenOff;
    private boolean syncsPerRound;
    private long broughtPages; // since more was read
    private boolean ramEnded;

    // For pages that come through this channel.
    private PageWriter writer;
    private PageBatch batch;
    private final IoVector page = new IoVector(1);

    MainReceiver(
            Arrival.Main arrival,
            MigrationParameters parameters,
            CompressionMethod method,
            SinkOpener opener,
            Consumer<IncomingGuest> whenGuestIsKnown,
            SyncBarrier barrier,
            MigrationStats stats,
            MemoryGrowth heap) {
        this.connection = arrival.connection();
        this.in = new StreamInput(this::readSome, arrival.firstBytes());
        this.returnPath = new ReturnPathWriter(connection, parameters.stallTimeout());
        this.parameters = parameters;
        this.method = method;
        this.opener = opener;
        this.whenGuestIsKnown = whenGuestIsKnown;
        this.barrier = barrier;
        this.stats = stats;
        this.heap = heap;
    }

    /**
     * Reads the stream to its end. All pages of the guest are committed when it is there, and no channel brings
     * anything any more.
     */
    ReceivedGuest run(ChannelRoster roster) throws IOException, InterruptedException {
        try {
            MainStreamReader stream = new MainStreamReader(in);
            configuration = stream.readHeader();
            // It is read before all channels are there, so that a source that breaks off is noticed; nothing is done
            // before.
            roster.awaitAll();
            pageSizeBytes = configuration.pageSizeBytes(parameters.pageSize());
            requireOurKind(roster);
            opener.guestIs(roster.guest(), connection.identity());
            readUpToEndOfRam(stream);
            ramEnded = true;
            barrier.endRam();
            DeviceState deviceState = DeviceState.read(in, returnPath.isOpen(), heap);
            ended = true;
            stats.deviceStateBytes.add(deviceState.lengthBytes());
            endChannels(roster);
            return new ReceivedGuest(configuration, ram, deviceState);
        } finally {
            stats.mainBytes.add(connection.bytesRead());
            if (writer != null) {
                writer.close();
            }
        }
    }

    /** Once in a buffer, and not for each page: zero pages of older QEMUs all come here. */
    private int readCounted(ByteBuffer into, String what) throws IOException {
        if (broughtPages > 0) {
            broughtPages = 0;
            connection.broughtPayload(StallWatch.PAYLOAD_BYTES);
        }
        int read = connection.readSome(into, what);
        if (ramEnded && read > 0) {
            connection.broughtPayload(read); // device state
        }
        return read;
    }

    /**
     * All pages have come, each channel's last SYNC behind them. Device state may still follow it, and only a channel's
     * own end says that there is no more. But a source that waits for an answer ends no channel before it has that;
     * there, channels that brought no device state since their SYNC are taken to be done.
     */
    private void endChannels(ChannelRoster roster) throws IOException, InterruptedException {
        if (returnPath.isOpen() && !guest.deviceState().mayBringMore()) {
            for (Connection channel : roster.multifdConnections()) {
                channel.endInput();
            }
        }
        // What a channel has read it refuses or takes in before it ends.
        barrier.awaitEnds();
    }

    /** What is said to the source. */
    ReturnPathWriter returnPath() {
        return returnPath;
    }

    /**
     * Whether the source does not listen and has sent its stream to the end, though that may not have been read. Where
     * the stream broke off, or was broken off here, before its end, the source had still something to send. For any
     * thread, before the connection is closed.
     */
    boolean mayHaveBeenLetGo() {
        return !returnPath.isOpen() && (ended || !brokenOff && connection.hasPeerLeft());
    }

    private int readSome(ByteBuffer into, String what) throws IOException {
        int read = -1;
        try {
            read = readCounted(into, what);
        } finally {
            brokenOff = read < 0;
        }
        return read;
    }

    /** Tells the source that its guest is safe here, where it wants to know. */
    void sayYes() throws IOException {
        returnPath.shut(0);
    }

    /** Tells the source that its guest is not. */
    void sayNo() throws IOException {
        returnPath.shut(1);
    }

    private void requireOurKind(ChannelRoster roster) throws ReceiveException {
        for (String capability : configuration.capabilities()) {
            if (!capability.equals(Configuration.IGNORE_SHARED)) {
                throw new ReceiveException("source must not have capabilities that change its stream: capabilities="
                        + configuration.capabilities());
            }
        }
        boolean ignoreShared = configuration.hasCapability(Configuration.IGNORE_SHARED);
        if (ignoreShared != parameters.has(MigrationCapability.X_IGNORE_SHARED)) {
            throw new ReceiveException("x-ignore-shared must be alike on both ends, with it the RAM of shared blocks"
                    + " does not come: source=" + onOff(ignoreShared) + " here=" + onOff(!ignoreShared));
        }
        var uuid = configuration.uuid();
        if (uuid.isPresent() && !uuid.get().equals(roster.expectedUuid(uuid.get()))) {
            throw new ReceiveException("main channel must be of the same guest as the others: uuid=" + uuid.get()
                    + " expected=" + roster.expectedUuid(uuid.get()));
        }
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }

    private void readUpToEndOfRam(MainStreamReader stream) throws IOException, InterruptedException {
        RamSectionReader records = RamSectionReader.ofWire(in, configuration, pageSizeBytes, parameters.maxRam());
        while (true) {
            int type = stream.readSectionType();
            switch (type) {
                case SectionType.COMMAND -> obey(stream.readCommand());
                case SectionType.SECTION_START, SectionType.SECTION_FULL -> {
                    Section section = stream.readRamStart(type);
                    if (ram != null) {
                        throw new ReceiveException("RAM section must begin once: position=" + in.position());
                    }
                    ram = section;
                    records.readRecords(this);
                    ram.readFooter(in);
                }
                case SectionType.SECTION_PART, SectionType.SECTION_END -> {
                    stream.readRamNext(ram);
                    records.readRecords(this);
                    ram.readFooter(in);
                    if (type == SectionType.SECTION_END) {
                        return;
                    }
                }
                default -> throw stream.unexpectedSection(type);
            }
        }
    }

    private void obey(Command command) throws IOException {
        switch (command.code()) {
            case Command.OPEN_RETURN_PATH -> {
                returnPath.open();
                if (mayWaitForSwitchoverAck()) {
                    returnPath.switchoverAck();
                }
            }
            case Command.PING -> returnPath.pong(command.number());
            default -> {
                // SWITCHOVER_START: news for devices that load while RAM still comes, of which there are none here.
            }
        }
    }

    /**
     * Whether the source may wait for the answer that {@code switchover-ack} stands for, which it does not say. Its
     * machine type says whether it can, and whether an answer too many is no harm; where that has no version only the
     * user knows. From 11.1 on only devices ask for answers, none of which can be received here. No device here needs
     * time before the switchover, so the answer is given at once.
     */
    private boolean mayWaitForSwitchoverAck() {
        MachineType type = configuration.machineType();
        return type.awaitsSwitchoverAck()
                || !type.countsSwitchoverAcks() && parameters.has(MigrationCapability.SWITCHOVER_ACK);
    }

    @Override
    public void blocks(List<RamBlockEntry> entries) throws IOException {
        RamLayout layout = new RamLayout(
                pageSizeBytes,
                entries.stream().map(RamBlockEntry::name).toList(),
                entries.stream().mapToLong(RamBlockEntry::lengthBytes).toArray(),
                entries.stream().map(RamBlockEntry::address).toList());
        stats.guest(layout.totalBytes(), layout.pageSizeBytes());
        heap.by(Math.ceilDiv(layout.totalPages(), Byte.SIZE)); // a bit a page: which of them are there
        guest = new IncomingGuest(
                opener.open(configuration, ram, layout),
                new PacketGeometry(pageSizeBytes),
                configuration.isPageSizeKnown() || parameters.pageSize().isPresent(),
                new DeviceStateIntake(opener.deviceStateSink(), method, parameters.maxDeviceState(), stats),
                configuration.machineType().terminatesTlsCleanly());
        writer = guest.sink().openWriter();
        batch = new PageBatch(0, 1);
        broughtPages++; // once: to open it may have taken long
        whenGuestIsKnown.accept(guest);
    }

    @Override
    public void zeroPage(int block, long offset) throws IOException {
        guest.sink().zero(guest.layout().block(block), offset);
        broughtPages++;
        stats.mainDuplicate.increment();
    }

    @Override
    public void page(int block, long offset, StreamInput stream) throws IOException, InterruptedException {
        RamBlock ramBlock = guest.layout().block(block);
        batch.begin(ramBlock);
        batch.add(offset);
        page.clear();
        writer.prepare(batch, page);
        stream.read(page.buffers()[0], "page");
        writer.commit(batch);
        broughtPages++;
        stats.mainNormal.increment();
    }

    @Override
    public void multifdFlush() throws IOException, InterruptedException {
        if (setupDone && !syncsPerRound) {
            throw new ReceiveException("syncs must be per round or per section, not both: position=" + in.position());
        }
        syncsPerRound = true;
        sync();
    }

    @Override
    public void endOfSection() throws IOException, InterruptedException {
        setupDone = true;
        if (!syncsPerRound) {
            sync();
        }
    }

    private void sync() throws IOException, InterruptedException {
        long start = System.nanoTime();
        stats.trace().beginRecvSync();
        barrier.collect();
        stats.trace().recvSyncMain(stats.packetNum());
        stats.latencies().record(Latencies.Kind.SYNC, System.nanoTime() - start);
    }
}
