package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.ConfigException;
import io.pageferry.config.GuestUuid;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.PostcopySettings;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.net.Connector;
import io.pageferry.net.StallWatch;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.send.BandwidthLimit;
import io.pageferry.send.OutgoingTransfer;
import io.pageferry.send.postcopy.PostcopySender;
import io.pageferry.send.postcopy.PostcopySender.Fate;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Sends a checkpoint by postcopy: its guest runs at the destination at once, and its pages follow. */
public final class OutgoingPostcopy extends Migration {
    /** Of pages that are there, and that are sent. */
    private static final int BITMAPS = 2;

    /** One between the checkpoint and the network for each of the two threads that bring pages. */
    private static final int BUFFERS_FOR_CHANNELS = 1;

    private final Checkpoint checkpoint;
    private final MigrationUri destination;
    private final Optional<UUID> uuid;
    private final MigrationParameters parameters;
    private final PostcopySettings settings;
    private final BandwidthLimit bandwidth;

    // Of the thread that runs the migration: how things stood with the destination when all had ended.
    private Fate fate = Fate.NOT_SENT;

    private OutgoingPostcopy(
            Checkpoint checkpoint,
            MigrationUri destination,
            Optional<UUID> uuid,
            MigrationParameters parameters,
            PostcopySettings settings) {
        super(0, MigrationMemory.ofOutgoing(parameters));
        this.checkpoint = checkpoint;
        this.destination = destination;
        this.uuid = uuid;
        this.parameters = parameters;
        this.settings = settings;
        this.bandwidth = new BandwidthLimit(parameters.maxBandwidth());
    }

    /**
     * Sends a checkpoint, which is its opener's to close.
     *
     * @param uuid the guest's, as its destination has it, empty for the one that the checkpoint has, if any
     * @param parameters without multifd
     */
    public static OutgoingPostcopy of(
            Checkpoint checkpoint,
            MigrationUri destination,
            Optional<UUID> uuid,
            MigrationParameters parameters,
            PostcopySettings settings) {
        if (destination instanceof MigrationUri.ImageFile) {
            throw new ConfigException("postcopy must go to a QEMU, a file runs no guest: uri=" + destination);
        }
        if (parameters.has(MigrationCapability.MULTIFD) || parameters.compression() != MultifdCompression.NONE) {
            throw new ConfigException("multifd must be off for postcopy, whose pages go over the main channel");
        }
        return new OutgoingPostcopy(checkpoint, destination, uuid, parameters, settings);
    }

    /** Changes {@code max-bandwidth} from now on; 0 for no limit. What the guest waits for is not held up by it. */
    @Override
    public void maxBandwidth(long bytesPerSecond) {
        bandwidth.set(bytesPerSecond);
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        become(MigrationStatus.SETUP);
        long bitmap = MigrationMemory.bitmapBytes(checkpoint.layout().totalPages());
        share().take(Kind.HEAP, BITMAPS * bitmap, "bitmaps of a guest");
        StallWatch watch = StallWatch.forSending(parameters.stallTimeout());
        try (BufferPool buffers = PacketBuffers.newPool(BUFFERS_FOR_CHANNELS)) {
            CheckpointGuest guest = new CheckpointGuest(checkpoint, buffers);
            OutgoingTransfer transfer = new OutgoingTransfer(
                    guest,
                    uuid.or(guest::uuid).orElse(GuestUuid.NONE),
                    parameters,
                    bandwidth,
                    progress().stats());
            Connector connector = Connector.to(destination, TlsSecurity.ofClient(parameters.tls(), destination))
                    .waitingFor(parameters.connectWait())
                    .urgently();
            try (PostcopySender sender = new PostcopySender(transfer, connector, settings, watch, new States())) {
                send(sender);
            }
        }
    }

    private void send(PostcopySender sender) throws IOException, InterruptedException {
        try (MigrationScope scope = new MigrationScope("postcopy", progress().threads())) {
            scope.forkWatch(sender::watchForStall);
            scope.fork(List.of(sender::runMain, sender::runReturnPath));
            scope.join();
        } catch (IOException | InterruptedException e) {
            if (sender.fate() != Fate.HANDED_OVER) {
                throw e;
            }
            // The destination has all, and has said so: whatever fails afterwards does not make that untrue.
        } finally {
            fate = sender.fate();
        }
    }

    private final class States implements PostcopySender.Progress {
        @Override
        public void active() {
            become(MigrationStatus.ACTIVE);
        }

        @Override
        public void switchover() {
            become(MigrationStatus.DEVICE);
        }

        @Override
        public void running() {
            progress().runsThere();
        }

        @Override
        public void handedOver() {
            // The guest did not wait for it.
        }
    }

    @Override
    Optional<String> handOver() {
        return switch (fate) {
            case NOT_SENT -> Optional.empty();
            case IN_DOUBT ->
                Optional.of("cannot be known: the destination has not said whether it runs the guest, whose pages it"
                        + " has not got; it must be ended, and started anew for another attempt");
            case RUNNING ->
                Optional.of("in part: the guest runs at the destination, or waits there for pages that it has not got"
                        + " (postcopy-paused)");
            case HANDED_OVER -> Optional.of("yes");
        };
    }
}
