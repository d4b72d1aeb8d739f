package io.pageferry.session;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.memory.PageSink;
import io.pageferry.net.ConnectionSource;
import io.pageferry.net.StallWatch;
import io.pageferry.receive.FileReceiver;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.receive.SocketReceiver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;

/** Takes one guest in, from sockets or an image, and hands it to its {@link Destination}, which its maker closes. */
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

    private IncomingMigration(
            MigrationParameters parameters, Destination destination, ConnectionSource source, UUID uuid, Image image) {
        super(parameters.multifdChannels());
        this.parameters = parameters;
        this.destination = destination;
        this.intake = image == null ? () -> takeFromSockets(source, uuid) : () -> takeFromImage(image);
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

    /** A migration that comes from an image. */
    public static IncomingMigration from(Image image, MigrationParameters parameters, Destination destination) {
        return new IncomingMigration(parameters, destination, null, null, image);
    }

    @Override
    void migrate() throws IOException, InterruptedException {
        intake.run();
    }

    private void takeFromSockets(ConnectionSource source, UUID uuid) throws IOException, InterruptedException {
        StallWatch watch = new StallWatch(parameters.stallTimeout());
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
                        () -> progress().become(MigrationStatus.SETUP),
                        () -> progress().become(MigrationStatus.ACTIVE))) {
            boolean completed = false;
            try {
                try (MigrationScope scope =
                        new MigrationScope("incoming", progress().threads())) {
                    scope.forkService(watch::watch);
                    scope.forkService(receiver::refuseLatecomers);
                    scope.forkService(receiver::prepareForSwitchover);
                    scope.fork(Collections.nCopies(receiver.tasks(), receiver::takeConnection));
                    scope.join();
                }
                destination.complete(receiver.received());
                completed = true;
            } finally {
                answer(receiver, completed);
            }
        }
    }

    /**
     * The source's guest is gone only when it is told that it is safe here; where that can't be told, it may still go on. Once the guest is safe it is too
     * late to be interrupted: both ends must say the same.
     */
    private void answer(SocketReceiver receiver, boolean completed) throws IOException, InterruptedException {
        StallWatch watch = new StallWatch(completed ? parameters.stallTimeout() : BAD_NEWS_TIMEOUT);
        watch.slot("main channel").expect("room for SHUT");
        watch.arm();
        try (MigrationScope scope = new MigrationScope("answer", progress().threads())) {
            scope.forkService(watch::watch);
            scope.fork(List.of(() -> {
                receiver.answer(completed);
                return null;
            }));
            scope.joinUninterruptibly();
        } catch (IOException e) {
            if (completed) {
                throw e;
            }
            // It has failed already, and its own failure says more.
        }
    }

    private void takeFromImage(Image image) throws IOException, InterruptedException {
        try (image) {
            progress().become(MigrationStatus.SETUP);
            image.configuration().uuid().ifPresent(destination::guestIs);
            PageSink sink = destination.open(image.configuration(), image.ramSection(), image.layout());
            FileReceiver receiver = new FileReceiver(
                    image,
                    sink,
                    destination.deviceStateSink(),
                    parameters.multifdChannels(),
                    progress().stats());
            progress().become(MigrationStatus.ACTIVE);
            try (MigrationScope scope =
                    new MigrationScope("incoming", progress().threads())) {
                List<Callable<?>> tasks = new ArrayList<>();
                tasks.add(receiver::runMain);
                addChannels(tasks, receiver::runChannel);
                scope.fork(tasks);
                scope.join();
            }
            destination.complete(new ReceivedGuest(image.configuration(), image.ramSection(), image.deviceState()));
        }
    }
}
