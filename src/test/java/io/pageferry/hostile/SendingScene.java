package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.hostile.FaultyGuest.Step;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.MigrationThreads;
import io.pageferry.session.OutgoingMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A migration that goes out, to a destination that takes so much and then does nothing more. */
final class SendingScene implements Scene {
    /** The far side: sockets of some kind. */
    private interface Far {
        MigrationUri uri() throws IOException;

        void end(Peer.Then how) throws IOException;

        void awaitClosed() throws IOException, InterruptedException;

        void close() throws IOException;
    }

    /** A destination that leaves the last channel without an answer. */
    private record Halfway(HandshakingDestination destination) implements Far {
        @Override
        public MigrationUri uri() throws IOException {
            return destination.uri();
        }

        @Override
        public void end(Peer.Then how) throws IOException {
            destination.end(A_CHANNEL, how);
        }

        @Override
        public void awaitClosed() {
            destination.awaitClosed();
        }

        @Override
        public void close() throws IOException {
            destination.close();
        }
    }

    /**
     * A destination that takes connections.
     *
     * @param ending which of them it ends where it does
     * @param over when they are to be read to their end
     */
    private record Sockets(Destination destination, int ending, CountDownLatch over) implements Far {
        static Sockets reading(int ending) throws IOException {
            return new Sockets(
                    Destination.start((number, connection) -> Destination.readAll(connection)),
                    ending,
                    new CountDownLatch(0));
        }

        @Override
        public MigrationUri uri() throws IOException {
            return destination.uri();
        }

        @Override
        public void end(Peer.Then how) throws IOException {
            destination.end(ending, how);
        }

        @Override
        public void awaitClosed() throws InterruptedException {
            over.countDown();
            destination.awaitClosed();
        }

        @Override
        public void close() throws IOException {
            destination.close();
        }
    }

    /** No destination that has connections: a file, or one that cannot be reached. */
    private record Nobody(MigrationUri uri, FullListener listener) implements Far {
        @Override
        public void end(Peer.Then how) {
            throw new IllegalStateException("there is no connection");
        }

        @Override
        public void awaitClosed() {}

        @Override
        public void close() throws IOException {
            if (listener != null) {
                listener.close();
            }
        }
    }

    private static final int CHANNELS = 2;
    private static final int MAIN = 0;
    private static final int A_CHANNEL = 1;
    private static final String OLD = "an image that was there before";

    /** Of a guest that is sent before anybody can look. */
    private static final long SMALL = 4 << 20;

    /** More than sockets hold, so that who does not read stops who writes. */
    private static final long LARGE = 64 << 20;

    private static final long SOME_BYTES = 500_000;

    private final Setting setting;
    private final Far far;
    private final Step at;
    private final Hold hold = new Hold();
    private final Predicate<MigrationProgress> there;
    private final SyntheticGuest guest;
    private final OutgoingMigration migration;
    private final Thread thread;
    private final CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();

    /**
     * Begins to send.
     *
     * @param at where somebody is held up here
     * @param there what must be so besides at the stage
     */
    private SendingScene(
            Setting setting,
            Far far,
            long guestBytes,
            Step at,
            Optional<TlsSettings> tls,
            List<MigrationCapability> capabilities,
            Predicate<MigrationProgress> there)
            throws IOException {
        this.setting = setting;
        this.far = far;
        this.at = at;
        this.there = there;
        Files.writeString(image(setting), OLD);
        MigrationParameters.Builder parameters =
                MigrationParameters.builder().multifdChannels(CHANNELS).stallTimeout(setting.stallTimeout());
        tls.ifPresent(parameters::tls);
        capabilities.forEach(parameters::enable);
        guest = new SyntheticGuest(new GuestShape(guestBytes, 0, 0, 0, 1));
        migration = OutgoingMigration.of(
                new FaultyGuest(new SyntheticOutgoingGuest(guest), at, hold),
                far.uri(),
                Optional.empty(),
                parameters.build());
        thread = Thread.ofPlatform().name("sending").start(() -> outcome.complete(migration.run()));
    }

    private static Scene plain(Setting setting, Far far, Step at, Predicate<MigrationProgress> there)
            throws IOException {
        return new SendingScene(setting, far, SMALL, at, Optional.empty(), List.of(), there);
    }

    /** The destination does not even let the main channel connect. */
    static Scene connecting(Setting setting) throws IOException {
        FullListener full = new FullListener(0);
        return plain(
                setting,
                new Nobody(full.uri(), full),
                Step.NONE,
                progress -> progress.status() == MigrationStatus.SETUP);
    }

    /** The destination says nothing in the first handshake. */
    static Scene inHandshake(Setting setting, Setting.Tls kind) throws IOException {
        CountDownLatch begun = new CountDownLatch(1);
        Destination destination = Destination.start((number, connection) -> {
            Destination.read(connection, 1);
            begun.countDown();
            Destination.readAll(connection);
        });
        return new SendingScene(
                setting,
                new Sockets(destination, MAIN, new CountDownLatch(0)),
                SMALL,
                Step.NONE,
                Optional.of(setting.tls(kind)),
                List.of(),
                progress -> begun.getCount() == 0);
    }

    /** The destination leaves one channel without an answer. At a fault it is the other one that has it. */
    static Scene withoutLastChannel(Setting setting) throws IOException {
        return new SendingScene(
                setting,
                new Halfway(HandshakingDestination.of(setting, CHANNELS)),
                SMALL,
                setting.isFault() ? Step.OPEN_READER : Step.NONE,
                Optional.of(setting.tls(Setting.Tls.X509)),
                List.of(),
                progress -> setting.isFault() || syncs(progress) == 1);
    }

    /** One channel is held up at its first pages, and does not sync; the other has. */
    static Scene inSync(Setting setting) throws IOException {
        return plain(setting, Sockets.reading(A_CHANNEL), Step.LOAD, progress -> syncs(progress) == CHANNELS + 1);
    }

    /** The destination takes some of a packet and no more. At a fault it is the other channel that has it. */
    static Scene inPacket(Setting setting) throws IOException {
        return inPacket(setting, List.of(), progress -> true);
    }

    /** The same where nothing is copied: a thread waits for its socket past the JDK. */
    static Scene inPacketOfZeroCopy(Setting setting) throws IOException {
        int waiting = setting.isFault() ? 1 : CHANNELS;
        return inPacket(
                setting, List.of(MigrationCapability.ZERO_COPY_SEND), progress -> ZeroCopyThreads.waiting() == waiting);
    }

    private static Scene inPacket(
            Setting setting, List<MigrationCapability> capabilities, Predicate<MigrationProgress> there)
            throws IOException {
        CountDownLatch taken = new CountDownLatch(setting.isFault() ? 1 : CHANNELS);
        CountDownLatch over = new CountDownLatch(1);
        Destination destination = Destination.start((number, connection) -> {
            if (number != MAIN) {
                Destination.read(connection, SOME_BYTES);
                taken.countDown();
                Destination.keepUntil(over);
            }
            Destination.readAll(connection);
        });
        return new SendingScene(
                setting,
                new Sockets(destination, A_CHANNEL, over),
                LARGE,
                setting.isFault() ? Step.LOAD : Step.NONE,
                Optional.empty(),
                capabilities,
                there.and(progress -> taken.getCount() == 0));
    }

    /** The guest takes its time to stop. */
    static Scene stoppingTheGuest(Setting setting) throws IOException {
        return plain(setting, Sockets.reading(A_CHANNEL), Step.STOP, progress -> true);
    }

    /** The destination has all and does not say so; in the end it lets go of the channel, or of the main one. */
    static Scene awaitingAnswer(Setting setting, boolean main) throws IOException {
        return plain(setting, Sockets.reading(main ? MAIN : A_CHANNEL), Step.NONE, SendingScene::hasSentAll);
    }

    /** It goes into a file, and reading the pages takes its time. */
    static Scene intoImage(Setting setting) throws IOException {
        return plain(
                setting, new Nobody(new MigrationUri.ImageFile(image(setting), 0), null), Step.LOAD, progress -> true);
    }

    private static Path image(Setting setting) {
        return setting.folder().resolve("image");
    }

    private static long syncs(MigrationProgress progress) {
        return IntStream.range(0, CHANNELS)
                .mapToLong(channel -> progress.stats().channel(channel).syncs.get())
                .sum();
    }

    /** Every channel has done its part, and the guest stands still. */
    static boolean hasSentAll(MigrationProgress progress) {
        List<String> threads = progress.threads().list().stream()
                .map(MigrationThreads.Info::name)
                .toList();
        return progress.status() == MigrationStatus.DEVICE
                && threads.contains("mig/src/return")
                && threads.stream().noneMatch(name -> name.startsWith("mig/src/send_"));
    }

    @Override
    public MigrationProgress progress() {
        return migration.progress();
    }

    @Override
    public boolean isThere() {
        return (at == Step.NONE || hold.isReached()) && there.test(progress());
    }

    @Override
    public void cancel() {
        migration.cancel();
    }

    @Override
    public void yank() {
        migration.yank();
    }

    @Override
    public Thread runner() {
        return thread;
    }

    @Override
    public void end(Peer.Then how) throws IOException {
        far.end(how);
    }

    @Override
    public void fail(RuntimeException fault) {
        hold.fail(fault);
    }

    @Override
    public Future<MigrationOutcome> outcome() {
        return outcome;
    }

    @Override
    public void awaitPeerClosed() throws IOException, InterruptedException {
        far.awaitClosed();
    }

    @Override
    public void requireUntouched() throws IOException {
        assertEquals(OLD, Files.readString(image(setting)));
        try (Stream<Path> files = Files.list(setting.folder())) {
            assertEquals(List.of(image(setting)), files.toList());
        }
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        guest.close();
        far.close();
    }
}
