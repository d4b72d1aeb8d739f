package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.memory.PageSink;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.StallWatch;
import io.pageferry.receive.CheckpointReceiver;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.receive.SocketReceiver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/**
 * Takes one guest in, from sockets or a checkpoint, and hands it to its {@link Destination}, which its maker closes.
 */
public final class IncomingMigration extends Migration {
    /** Does the part that depends on where the guest comes from. */
    @FunctionalInterface
    private interface Intake {
        void run() throws IOException, InterruptedException;
    }

    /** How long a failure may wait to be reported for a source that does not want to hear of it. */
    private static final Duration BAD_NEWS_TIMEOUT = Duration.ofMillis(200);

    private final MigrationParameters parameters;
    private final Destination destination;
    private final Intake intake;

    // Of the thread that runs the migration: how things stood with the source when all had ended.
    private boolean kept;
    private boolean told;
    private boolean letGo;

    private IncomingMigration(
            MigrationParameters parameters,
            Destination destination,
            ConnectionSource source,
            UUID uuid,
            Checkpoint checkpoint) {
        super(
                parameters.multifdChannels(),
                checkpoint == null ? MigrationMemory.ofIncoming(parameters) : MigrationMemory.NOTHING);
        this.parameters = parameters;
        this.destination = destination;
        this.intake = checkpoint == null ? () -> takeFromSockets(source, uuid) : () -> takeFromCheckpoint(checkpoint);
    }

    /**
     * A migration whose connections come from a source, which is closed when it has ended.
     *
     * @param uuid the guest's, or null where any is welcome
     */
    public static IncomingMigration from(
            ConnectionSource source, UUID uuid, MigrationParameters parameters, Destination destination) {
        return new IncomingMigration(parameters, destination, source, uuid, null);
    }

    /** A migration that comes from a checkpoint, which is closed when it has ended. */
    public static IncomingMigration from(
            Checkpoint checkpoint, MigrationParameters parameters, Destination destination) {
        return new IncomingMigration(parameters, destination, null, null, checkpoint);
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        intake.run();
    }

    private void takeFromSockets(ConnectionSource source, UUID uuid) throws IOException, InterruptedException {
        StallWatch watch = StallWatch.forIntake(parameters.stallTimeout());
        try (source;
                ChannelCodecs codecs = openCodecs(parameters);
                SocketReceiver receiver = new SocketReceiver(
                        source,
                        parameters,
                        codecs,
                        uuid,
                        destination,
                        watch,
                        progress().stats(),
                        this::takeHeap,
                        () -> become(MigrationStatus.SETUP),
                        () -> become(MigrationStatus.ACTIVE))) {
            try {
                take(receiver, watch);
            } finally {
                told = receiver.hasToldSource();
                letGo = receiver.mayHaveBeenLetGo();
            }
        } catch (IOException e) {
            if (!told) {
                throw e;
            }
            // The source has let go of its guest, which is kept here: whatever fails afterwards does not make that
            // untrue.
        }
    }

    private void take(SocketReceiver receiver, StallWatch watch) throws IOException, InterruptedException {
        MigrationScope scope = new MigrationScope("incoming", progress().threads());
        try (scope) {
            scope.forkWatch(watch::watch);
            scope.forkService(receiver::refuseLatecomers);
            scope.forkService(receiver::prepareForSwitchover);
            scope.forkService(receiver::showLife);
            scope.fork(
                    Collections.nCopies(receiver.tasks(), () -> receiver.takeConnection(guest -> keep(guest, scope))));
            scope.join();
        } finally {
            kept = scope.isSettled();
            if (!kept) {
                sayNo(receiver);
            }
        }
    }

    @Override
    Optional<String> handOver() {
        if (kept) {
            return Optional.of(
                    told ? "yes" : "cannot be known: the guest is kept here, and its source could not be told");
        }
        return letGo
                ? Optional.of("cannot be known: the guest is not kept here, and its source, which has return-path off,"
                        + " could not be told")
                : Optional.empty();
    }

    private void takeHeap(long bytes) throws IOException {
        share().take(Kind.HEAP, bytes, "bitmaps and device state of a guest");
    }

    /**
     * The main channel's task: from now on the guest is safe here, and its source is told so. Both ends must say the
     * same, so it is too late to be cancelled then.
     */
    private void keep(ReceivedGuest guest, MigrationScope scope) throws IOException, InterruptedException {
        scope.settle(() -> destination.complete(guest));
    }

    /** The source's guest is gone only when it is told that it is safe here; it is not, so it may go on there. */
    private void sayNo(SocketReceiver receiver) throws InterruptedException {
        StallWatch watch = new StallWatch(BAD_NEWS_TIMEOUT);
        watch.slot("main channel").expect("room for SHUT");
        watch.arm();
        try (MigrationScope scope = new MigrationScope("answer", progress().threads())) {
            scope.forkWatch(watch::watch);
            scope.fork(List.of(receiver::sayNo));
            scope.joinUninterruptibly();
        } catch (IOException e) {
            // It has failed already, and its own failure says more.
        }
    }

    private void takeFromCheckpoint(Checkpoint checkpoint) throws IOException, InterruptedException {
        try (checkpoint) {
            become(MigrationStatus.SETUP);
            destination.guestIs(checkpoint.configuration().uuid(), Optional.empty());
            takeHeap(MigrationMemory.bitmapBytes(checkpoint.layout().totalPages()));
            PageSink sink = destination.open(checkpoint.configuration(), checkpoint.ramSection(), checkpoint.layout());
            CheckpointReceiver receiver = new CheckpointReceiver(
                    checkpoint,
                    sink,
                    destination.deviceStateSink(),
                    parameters.multifdChannels(),
                    progress().stats());
            become(MigrationStatus.ACTIVE);
            try (MigrationScope scope =
                    new MigrationScope("incoming", progress().threads())) {
                List<Callable<?>> tasks = new ArrayList<>();
                tasks.add(receiver::runMain);
                addChannels(tasks, receiver::runChannel);
                scope.fork(tasks);
                scope.join();
            }
            destination.complete(
                    new ReceivedGuest(checkpoint.configuration(), checkpoint.ramSection(), checkpoint.deviceState()));
        }
    }
}
