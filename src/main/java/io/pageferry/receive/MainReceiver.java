package io.pageferry.receive;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connection;
import io.pageferry.stream.Command;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.MachineType;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.RamSectionHandler;
import io.pageferry.stream.RamSectionReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.StreamInput;
import io.pageferry.stream.WireProperty;
import java.io.IOException;

/**
 * Reads the main stream, on the main channel's own thread: what the guest is, commands, and everything that is not RAM.
 */
final class MainReceiver {
    private final Connection connection;
    private final MainInput input;
    private final StreamInput in;
    private final ReturnPathWriter returnPath;
    private final MigrationParameters parameters;
    private final GuestOpener opener;
    private final SyncBarrier barrier;
    private final MigrationStats stats;
    private final RoundSync sync;

    private Configuration configuration;
    private int pageSizeBytes;
    private GuestRam ram; // null before its section has begun
    private boolean announcedSwitchover;
    private volatile boolean ended;

    MainReceiver(Arrival.Main arrival, GuestOpener opener, SyncBarrier barrier, Runnable whenAllAreKnown) {
        this.connection = arrival.connection();
        this.input = new MainInput(connection);
        this.in = input.stream();
        this.parameters = opener.context().parameters();
        this.returnPath = new ReturnPathWriter(connection, parameters.stallTimeout());
        this.opener = opener;
        this.barrier = barrier;
        this.stats = opener.context().stats();
        this.sync = new RoundSync(barrier, stats, whenAllAreKnown);
    }

    /**
     * Reads the stream to its end. All pages of the guest are committed when it is there, and no channel brings
     * anything any more.
     *
     * @param whenPlain run where there are no channels
     */
    ReceivedGuest run(ChannelRoster roster, Runnable whenPlain) throws IOException, InterruptedException {
        try {
            boolean plain = new MultifdProbe(connection).isPlain(roster) && roster.expectNoChannels();
            if (plain) {
                whenPlain.run();
            }
            MainStreamReader stream = new MainStreamReader(in);
            configuration = stream.readHeader();
            // It is read before all channels are there, so that a source that breaks off is noticed; nothing is done
            // before.
            roster.awaitAll();
            pageSizeBytes = configuration.pageSizeBytes(parameters.pageSize());
            if (stream.hasConfiguration()) {
                requireKnownCapabilities();
            }
            requireOurKind(roster);
            if (plain) {
                requireUuidWhereOneIsExpected(roster);
            }
            opener.guestIs(roster.guest(), connection.identity());
            Section section = stream.readUpToEndOfRam(
                    RamSectionReader.ofWire(in, configuration, pageSizeBytes, parameters.maxRam()),
                    plain ? new PlainStream() : new MultifdStream(),
                    opener.mostBeforeEndOfRam(),
                    opener.context().heap());
            input.endRam();
            if (plain) {
                requirePages();
            } else {
                barrier.endRam();
            }
            DeviceState deviceState = opener.readDeviceState(stream, ram.guest(), returnPath.isOpen());
            ended = true;
            if (!plain) {
                endChannels(roster);
            }
            return new ReceivedGuest(configuration, section, deviceState, dialect());
        } finally {
            input.countBytes(stats.mainBytes);
            if (ram != null) {
                ram.close();
            }
        }
    }

    /**
     * All pages have come, each channel's last SYNC behind them. Device state may still follow it, and only a channel's
     * own end says that there is no more. But a source that waits for an answer ends no channel before it has that;
     * there, channels that brought no device state since their SYNC are taken to be done.
     */
    private void endChannels(ChannelRoster roster) throws IOException, InterruptedException {
        if (returnPath.isOpen() && !ram.guest().deviceState().mayBringMore()) {
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
        return !returnPath.isOpen() && (ended || !input.isBrokenOff() && connection.hasPeerLeft());
    }

    /** Tells the source that its guest is safe here, where it wants to know. */
    void sendSuccess() throws IOException {
        returnPath.shut(0);
    }

    /** Tells the source that its guest is not. */
    void sendFailure() throws IOException {
        returnPath.shut(1);
    }

    private void requireKnownCapabilities() throws ReceiveException {
        for (String capability : configuration.capabilities()) {
            if (!capability.equals(Configuration.IGNORE_SHARED)) {
                throw new ReceiveException("source must not have capabilities that change its stream: capabilities="
                        + configuration.capabilities());
            }
        }
    }

    private void requireOurKind(ChannelRoster roster) throws ReceiveException {
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

    /** There are no channels that would say it. */
    private void requireUuidWhereOneIsExpected(ChannelRoster roster) throws ReceiveException {
        if (configuration.uuid().isEmpty() && roster.guest().isPresent()) {
            throw new ReceiveException("guest must say its uuid, set validate-uuid in the source: expected="
                    + roster.guest().get());
        }
    }

    /**
     * A stream that has zero pages only may be that of a source whose channels have not been noticed: its other pages
     * would be missing. Each QEMU's guest has some, its firmware's.
     */
    private void requirePages() throws ReceiveException {
        if (stats.mainNormal.sum() == 0) {
            throw new ReceiveException(
                    "guest without multifd channels must have a page that is not zero, set multifd and"
                            + " multifd-channels alike on both ends: zeroPages=" + stats.mainDuplicate.sum());
        }
    }

    /** How the source spoke. One that did not say when it switched over may not have got that far. */
    private Dialect dialect() {
        return announcedSwitchover ? sync.dialect().with(WireProperty.SEND_SWITCHOVER_START, true) : sync.dialect();
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }

    /** Pages come over multifd channels, but for some of those that are zero. */
    private class MultifdStream implements MainStreamReader.Handler {
        @Override
        public void command(Command command) throws IOException {
            obey(command);
        }

        @Override
        public void otherBegins() {
            input.bringsDeviceState(true);
        }

        @Override
        public void otherEnds() {
            input.bringsDeviceState(false);
        }

        @Override
        public RamSectionHandler ramBegins(Section section) {
            input.mayPause(returnPath.givesSigns());
            ram = new RamReceiver(opener.of(configuration, section, pageSizeBytes), input, sync, stats);
            return ram;
        }
    }

    /** All pages come with the stream. */
    private final class PlainStream extends MultifdStream {
        @Override
        public RamSectionHandler ramBegins(Section section) {
            input.mayPause(returnPath.givesSigns());
            ram = new PlainRamReceiver(opener.of(configuration, section, pageSizeBytes), input, stats);
            return ram;
        }

        /** No source has it together with the return path. */
        @Override
        public boolean mayBeBackgroundSnapshot() {
            return !returnPath.isOpen();
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
            // News for devices that load while RAM still comes, of which there are none here.
            case Command.SWITCHOVER_START -> announcedSwitchover = true;
            default -> {
                // POSTCOPY_ADVISE: it may follow, and would be refused then.
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
}
