package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.ConfigException;
import io.pageferry.config.GuestUuid;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.PendingImage;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.memory.PageSink;
import io.pageferry.net.Connector;
import io.pageferry.net.StallWatch;
import io.pageferry.net.Throttle;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.send.BandwidthLimit;
import io.pageferry.send.CheckpointSender;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.send.OutgoingTransfer;
import io.pageferry.send.SocketSender;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/** Sends one guest, at rest or running, to a peer or into a checkpoint. */
public final class OutgoingMigration extends Migration {
    /** Of pages that are there, that are to be sent, and that have become dirty meanwhile. */
    private static final int BITMAPS = 3;

    private final OutgoingGuest guest;
    private final MigrationUri destination;
    private final UUID uuid;
    private final MigrationParameters parameters;
    private final BufferPool buffers;
    private final Throttle throttle;
    private final BandwidthLimit bandwidth;

    // Of the thread that runs the migration: how things stood with the destination when all had ended.
    private boolean handedOver;
    private boolean inDoubt;

    private OutgoingMigration(
            OutgoingGuest guest,
            MigrationUri destination,
            Optional<UUID> uuid,
            MigrationParameters parameters,
            BufferPool buffers,
            Throttle throttle) {
        // An image is written by several threads, whatever there is on a wire.
        super(
                destination instanceof MigrationUri.ImageFile ? parameters.multifdChannels() : parameters.channels(),
                MigrationMemory.ofOutgoing(parameters));
        this.throttle = throttle;
        this.bandwidth = new BandwidthLimit(parameters.maxBandwidth());
        if (parameters.has(MigrationCapability.ZERO_COPY_SEND) && !(destination instanceof MigrationUri.Tcp)) {
            throw new ConfigException("zero-copy-send must go over TCP: uri=" + destination);
        }
        this.guest = guest;
        this.destination = destination;
        this.uuid = uuid.or(guest::uuid).orElse(GuestUuid.NONE);
        this.parameters = parameters;
        this.buffers = buffers;
    }

    /**
     * Sends a checkpoint, which is its opener's to close. Where the migration does not complete, who was interrupted in
     * its file has closed it: it must be opened again to be sent again.
     *
     * @param uuid the guest's, as its destination has it, empty for the one that the checkpoint has, if any
     */
    public static OutgoingMigration of(
            Checkpoint checkpoint, MigrationUri destination, Optional<UUID> uuid, MigrationParameters parameters) {
        return of(checkpoint, destination, uuid, parameters, Throttle.NONE);
    }

    /**
     * The same, slowed down.
     *
     * @param throttle what other migrations leave to this one, besides its own {@code max-bandwidth}
     */
    public static OutgoingMigration of(
            Checkpoint checkpoint,
            MigrationUri destination,
            Optional<UUID> uuid,
            MigrationParameters parameters,
            Throttle throttle) {
        BufferPool buffers = PacketBuffers.newPool(parameters.multifdChannels());
        return new OutgoingMigration(
                new CheckpointGuest(checkpoint, buffers), destination, uuid, parameters, buffers, throttle);
    }

    /** Sends a guest that lives in this process. */
    public static OutgoingMigration of(
            OutgoingGuest guest, MigrationUri destination, Optional<UUID> uuid, MigrationParameters parameters) {
        return new OutgoingMigration(
                guest,
                destination,
                uuid,
                parameters,
                PacketBuffers.newPool(parameters.multifdChannels()),
                Throttle.NONE);
    }

    /** Changes {@code max-bandwidth} from now on; 0 for no limit. For any thread. */
    @Override
    public void maxBandwidth(long bytesPerSecond) {
        bandwidth.set(bytesPerSecond);
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        try (buffers) {
            become(MigrationStatus.SETUP);
            long bitmap = MigrationMemory.bitmapBytes(guest.pages().layout().totalPages());
            share().take(Kind.HEAP, BITMAPS * bitmap, "bitmaps of a guest");
            if (destination instanceof MigrationUri.ImageFile file) {
                sendToImage(file);
            } else {
                sendToPeer();
            }
        }
    }

    private OutgoingTransfer transfer() {
        return new OutgoingTransfer(
                guest, uuid, parameters, bandwidth, progress().stats());
    }

    private void sendToPeer() throws IOException, InterruptedException {
        StallWatch watch = StallWatch.forSending(parameters.stallTimeout());
        SocketSender.Progress states = new SocketSender.Progress() {
            @Override
            public void active() {
                become(MigrationStatus.ACTIVE);
            }

            @Override
            public void switchover() {
                become(MigrationStatus.DEVICE);
            }

            @Override
            public void handedOver() {
                progress().handedOver();
            }
        };
        try (ChannelCodecs codecs = openCodecs(parameters);
                SocketSender sender = new SocketSender(
                        transfer(),
                        Connector.to(destination, TlsSecurity.ofClient(parameters.tls(), destination))
                                .waitingFor(parameters.connectWait())
                                .throttledBy(throttle),
                        codecs,
                        watch,
                        states)) {
            try {
                send(sender, watch);
            } catch (IOException | InterruptedException e) {
                if (!sender.isHandedOver()) {
                    throw e;
                }
                // The destination has the guest, and has said so: whatever fails afterwards, or comes too late, does
                // not make that untrue.
            } finally {
                handedOver = sender.isHandedOver();
                inDoubt = sender.isInDoubt();
            }
        }
    }

    private void send(SocketSender sender, StallWatch watch) throws IOException, InterruptedException {
        try (MigrationScope scope = new MigrationScope("outgoing", progress().threads())) {
            scope.forkWatch(sender::watchForStall);
            for (int i = 0; i < sender.channels(); i++) {
                int channel = i;
                scope.forkService(() -> sender.watchChannel(channel));
            }
            List<Callable<?>> tasks = new ArrayList<>();
            tasks.add(sender::runMain);
            tasks.add(sender::runReturnPath);
            addChannels(tasks, sender::runChannel);
            for (int i = 0; i < sender.deviceStateThreads(); i++) {
                int thread = i;
                tasks.add(() -> sender.runDeviceState(thread));
            }
            scope.fork(tasks);
            scope.join();
        }
    }

    @Override
    Optional<String> handOver() {
        if (handedOver) {
            return Optional.of("yes");
        }
        return inDoubt
                ? Optional.of(
                        "cannot be known: all was sent, and the destination has not said whether it has the guest")
                : Optional.empty();
    }

    private void sendToImage(MigrationUri.ImageFile target) throws IOException, InterruptedException {
        try (CheckpointWriter image = PendingImage.create(
                target.path(),
                target.offset(),
                buffers,
                parameters.directIo(),
                ImageAccess.OWNER,
                SpaceReservation.UNLIMITED)) {
            PageSink sink = image.begin(
                    guest.configuration(), guest.ram(), guest.pages().layout());
            CheckpointSender sender = new CheckpointSender(transfer(), image, sink);
            become(MigrationStatus.ACTIVE);
            try (MigrationScope scope =
                    new MigrationScope("outgoing", progress().threads())) {
                List<Callable<?>> tasks = new ArrayList<>();
                tasks.add(sender::runMain);
                addChannels(tasks, sender::runChannel);
                scope.fork(tasks);
                scope.join();
            }
            image.complete(CheckpointFacts.of(guest.uuid(), Optional.empty()).withDialect(guest.learntDialect()));
        }
    }
}
