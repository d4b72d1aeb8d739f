package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.WorkingSet;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a checkpoint by postcopy: its guest runs at the destination at once, and its pages follow. */
public final class OutgoingPostcopy extends Migration {
    /** Of pages that are there, and that are sent. */
    private static final int BITMAPS = 2;

    /** One that is known, one that is recorded, and both of them together. */
    private static final long WORKING_SETS_BYTES = 3L * WorkingSet.MAX_ENTRIES * 40;

    /** One between the checkpoint and the network for each of the two threads that bring pages. */
    private static final int BUFFERS_FOR_CHANNELS = 1;

    private final Opener opener;
    private final MigrationUri destination;
    private final Optional<UUID> uuid;
    private final MigrationParameters parameters;
    private final PostcopySettings settings;
    private final BandwidthLimit bandwidth;

    /** After one that failed at once, as when another listens there. */
    private static final long BETWEEN_ATTEMPTS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Logger LOG = LoggerFactory.getLogger(OutgoingPostcopy.class);

    // Of the thread that runs the migration: how things stood with the destination when all had ended.
    private Fate fate = Fate.NOT_SENT;

    private OutgoingPostcopy(
            Opener opener,
            MigrationUri destination,
            Optional<UUID> uuid,
            MigrationParameters parameters,
            PostcopySettings settings) {
        super(0, MigrationMemory.ofOutgoing(parameters));
        this.opener = opener;
        this.destination = destination;
        this.uuid = uuid;
        this.parameters = parameters;
        this.settings = settings;
        this.bandwidth = new BandwidthLimit(parameters.maxBandwidth());
    }

    /** Opens the checkpoint that is sent: as often as it is tried, since who is interrupted in a file closes it. */
    @FunctionalInterface
    public interface Opener {
        Checkpoint open() throws IOException;
    }

    /**
     * Sends a checkpoint.
     *
     * @param opener opens it; it is closed here
     * @param uuid the guest's, as its destination has it, empty for the one that the checkpoint has, if any
     * @param parameters without multifd
     */
    public static OutgoingPostcopy of(
            Opener opener,
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
        return new OutgoingPostcopy(opener, destination, uuid, parameters, settings);
    }

    /** Changes {@code max-bandwidth} from now on; 0 for no limit. What the guest waits for is not held up by it. */
    @Override
    public void maxBandwidth(long bytesPerSecond) {
        bandwidth.set(bytesPerSecond);
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        become(MigrationStatus.SETUP);
        // Kept open all along, and read by nobody who may be interrupted: so nobody removes it between two attempts.
        try (Checkpoint kept = opener.open();
                BufferPool buffers = PacketBuffers.newPool(BUFFERS_FOR_CHANNELS)) {
            long bitmap = MigrationMemory.bitmapBytes(kept.layout().totalPages());
            share().take(Kind.HEAP, BITMAPS * bitmap, "bitmaps of a guest");
            share().take(Kind.HEAP, WORKING_SETS_BYTES, "pages that a guest asks for");
            if (settings.retry().isZero()) {
                attempt(kept, buffers, settings, parameters.connectWait());
            } else {
                attemptAgainAndAgain(buffers);
            }
        }
    }

    private void attemptAgainAndAgain(BufferPool buffers) throws IOException, InterruptedException {
        PostcopySettings next = settings;
        Duration wait = settings.resume() ? settings.retry() : parameters.connectWait();
        long lastRunning = System.nanoTime();
        while (true) {
            try (Checkpoint checkpoint = opener.open()) {
                attempt(checkpoint, buffers, next, wait);
                return;
            } catch (IOException e) {
                if (progress().status() == MigrationStatus.POSTCOPY_ACTIVE) {
                    lastRunning = System.nanoTime();
                }
                wait = settings.retry().minusNanos(System.nanoTime() - lastRunning);
                if (fate != Fate.RUNNING || !wait.isPositive()) {
                    throw e;
                }
                LOG.warn(
                        "connection broke, and it is tried to go on: retry={} reason=\"{}\"",
                        settings.retry(),
                        e.getMessage());
                if (progress().status() != MigrationStatus.POSTCOPY_PAUSED) {
                    become(MigrationStatus.POSTCOPY_PAUSED);
                }
            }
            LockSupport.parkNanos(this, BETWEEN_ATTEMPTS_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            next = settings.resuming();
        }
    }

    private void attempt(Checkpoint checkpoint, BufferPool buffers, PostcopySettings how, Duration wait)
            throws IOException, InterruptedException {
        StallWatch watch = StallWatch.forSending(parameters.stallTimeout());
        CheckpointGuest guest = new CheckpointGuest(checkpoint, buffers);
        OutgoingTransfer transfer = new OutgoingTransfer(
                guest,
                uuid.or(guest::uuid).orElse(GuestUuid.NONE),
                parameters,
                bandwidth,
                progress().stats());
        Connector connector = Connector.to(destination, TlsSecurity.ofClient(parameters.tls(), destination))
                .waitingFor(wait)
                .urgently();
        try (PostcopySender sender = new PostcopySender(transfer, connector, how, watch, new States())) {
            send(sender);
            keepWorkingSet(checkpoint, guest.workingSet(), sender.requested());
        }
    }

    /** For the next time. Where it cannot be kept, that goes as this one did. */
    private static void keepWorkingSet(Checkpoint checkpoint, WorkingSet known, WorkingSet requested) {
        if (requested.isEmpty()) {
            return;
        }
        try {
            checkpoint.keep(known.and(requested, checkpoint.layout()));
        } catch (IOException e) {
            LOG.debug("working set is not kept: {}", e.getMessage());
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
        public void recovering() {
            become(MigrationStatus.POSTCOPY_RECOVER);
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
                Optional.of("in part: the guest runs at the destination, or waits there for pages (postcopy-paused):"
                        + " migrate-recover there, and --resume here, go on");
            case HANDED_OVER -> Optional.of("yes");
        };
    }
}
