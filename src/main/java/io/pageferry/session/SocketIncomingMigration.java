package io.pageferry.session;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.MigrationParameters;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.StallWatch;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.receive.ReceiverContext;
import io.pageferry.receive.SocketReceiver;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Takes a guest in that comes over sockets. */
final class SocketIncomingMigration extends IncomingMigration {
    /** How long a failure may wait to be reported for a source that does not want to hear of it. */
    private static final Duration BAD_NEWS_TIMEOUT = Duration.ofMillis(200);

    private final ConnectionSource source;
    private final Optional<UUID> uuid; // empty where any is welcome

    // Of the thread that runs the migration: how things stood with the source when all had ended.
    private boolean kept;
    private boolean told;
    private boolean letGo;
    private volatile long commitNanos = -1; // written by the main channel's task

    SocketIncomingMigration(
            ConnectionSource source, Optional<UUID> uuid, MigrationParameters parameters, Destination destination) {
        super(
                parameters,
                destination,
                MigrationMemory.ofIncoming(parameters),
                parameters.fewerChannels()
                        ? MigrationStats.ofAtMost(parameters.multifdChannels())
                        : new MigrationStats(parameters.multifdChannels()));
        this.source = source;
        this.uuid = uuid;
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        StallWatch watch = StallWatch.forIntake(parameters.stallTimeout());
        try (source;
                ChannelCodecs codecs = openCodecs(parameters);
                SocketReceiver receiver = new SocketReceiver(
                        source,
                        uuid,
                        destination,
                        new ReceiverContext(
                                parameters, codecs, watch, progress().stats(), this::takeHeap),
                        new Phases())) {
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
            if (parameters.fewerChannels()) {
                scope.forkService(receiver::missChannels);
            }
            scope.forkService(receiver::repeatPong);
            scope.fork(
                    Collections.nCopies(receiver.tasks(), () -> receiver.takeConnection(guest -> keep(guest, scope))));
            scope.join();
        } finally {
            kept = scope.isSettled();
            if (commitNanos >= 0) {
                // Not before the source has its answer, for which its guest stands still.
                progress().stats().latencies().record(Latencies.Kind.COMMIT, commitNanos);
            }
            if (!kept) {
                sendFailure(receiver);
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

    /**
     * The main channel's task: from now on the guest is safe here, and its source is told so. Both ends must say the
     * same, so it is too late to be cancelled then.
     */
    private void keep(ReceivedGuest guest, MigrationScope scope) throws IOException, InterruptedException {
        long start = System.nanoTime();
        scope.settle(() -> destination.complete(guest));
        commitNanos = System.nanoTime() - start;
    }

    /** The source's guest is gone only when it is told that it is safe here; it is not, so it may go on there. */
    private void sendFailure(SocketReceiver receiver) throws InterruptedException {
        StallWatch watch = new StallWatch(BAD_NEWS_TIMEOUT);
        watch.slot("main channel").expect("room for SHUT");
        watch.arm();
        try (MigrationScope scope = new MigrationScope("answer", progress().threads())) {
            scope.forkWatch(watch::watch);
            scope.fork(List.of(receiver::sendFailure));
            scope.joinUninterruptibly();
        } catch (IOException e) {
            // It has failed already, and its own failure says more.
        }
    }

    private final class Phases implements SocketReceiver.Listener {
        @Override
        public void firstConnectionIsThere() {
            become(MigrationStatus.SETUP);
        }

        @Override
        public void connectionIsThere(int connections) throws IOException {
            int channels = connections - 1;
            if (parameters.fewerChannels() && channels > 1) {
                MigrationMemory.ofIncoming(parameters, channels)
                        .without(MigrationMemory.ofIncoming(parameters, channels - 1))
                        .takeFrom(share());
            }
        }

        @Override
        public void allConnectionsAreThere() {
            become(MigrationStatus.ACTIVE);
        }

        @Override
        public void sourcePauses(boolean paused) {
            progress().pause(paused);
        }
    }
}
