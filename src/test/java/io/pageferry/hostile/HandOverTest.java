package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.hostile.FaultyDestination.Step;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The moments in which one end may have the guest and the other not know: each end says what it knows, and what it
 * cannot.
 */
@LeakFree
@Timeout(60)
class HandOverTest {
    private static final Duration STALL = Duration.ofMillis(400);
    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final int CHANNELS = 2;
    private static final int MAIN = 0;
    private static final int PONG = 2;
    private static final String IN_DOUBT =
            "cannot be known: all was sent, and the destination has not said whether it has the guest";
    private static final String NOT_TOLD =
            "cannot be known: the guest is not kept here, and its source, which has return-path off, could not be told";
    private static final String CANCELLED = "migration must not be cancelled while it is handed over: cancelled=true";

    @TempDir
    Path folder;

    @Test
    void shouldCompleteWhenTheDestinationShowsItsLifeUntilItHasTheGuest() throws Exception {
        MigrationOutcome outcome = send(STALL, connection -> {
            for (int i = 0; i < 12; i++) {
                SlowDiskTest.hold(STALL.toMillis() / 4);
                Destination.write(
                        connection, new StreamBytes().u16(PONG).u16(4).u32(1).toBytes());
            }
            Destination.write(connection, SpoiltDestinationTest.shut(0));
        });
        assertTrue(outcome.completed(), () -> outcome.failure().toString());
    }

    @Test
    void shouldNotKnowWhenTheDestinationIsSilentAfterAllIsSent() throws Exception {
        requireFailed(
                "peer must not be silent for longer than stall-timeout: main channel awaited=\"destination's answer\"*",
                IN_DOUBT,
                send(STALL, connection -> {}));
    }

    @Test
    void shouldNotKnowWhenTheDestinationClosesAfterAllIsSent() throws Exception {
        requireFailed(
                "destination must answer before it closes (its log says why): main channel awaited=\"SHUT\"*",
                IN_DOUBT,
                send(PATIENT, SocketChannel::close));
    }

    @Test
    void shouldNotKnowWhenTheDestinationSpeaksNonsenseAfterAllIsSent() throws Exception {
        requireFailed(
                "PONG must answer a PING: number=5 sent=1",
                IN_DOUBT,
                send(
                        PATIENT,
                        connection -> Destination.write(
                                connection,
                                new StreamBytes().u16(PONG).u16(4).u32(5).toBytes())));
    }

    @Test
    void shouldKnowWhenTheDestinationSaysThatItHasFailed() throws Exception {
        requireFailed(
                "destination must take the guest, it says that it failed (its log says why): error=1",
                "",
                send(PATIENT, connection -> Destination.write(connection, SpoiltDestinationTest.shut(1))));
    }

    @Test
    void shouldNotKnowWhenCancelledAfterAllIsSent() throws Exception {
        MigrationOutcome outcome = send(PATIENT, connection -> {}, OutgoingMigration::cancel);
        assertEquals(MigrationStatus.CANCELLED, outcome.status());
        requireLine(CANCELLED, IN_DOUBT, outcome);
    }

    /** Whichever is the quicker: what was said is true, and if it was not heard that is said. */
    @RepeatedTest(20)
    void shouldCompleteOrNotKnowWhenCancelledAsTheAnswerComes() throws Exception {
        MigrationOutcome outcome = send(
                PATIENT,
                connection -> Destination.write(connection, SpoiltDestinationTest.shut(0)),
                OutgoingMigration::cancel);
        if (!outcome.completed()) {
            assertEquals(MigrationStatus.CANCELLED, outcome.status());
            requireLine(CANCELLED, IN_DOUBT, outcome);
        }
    }

    @Test
    void shouldNotKnowWhenYankedAfterAllIsSent() throws Exception {
        requireFailed(
                "migration must be left to go on: yanked=true",
                IN_DOUBT,
                send(PATIENT, connection -> {}, OutgoingMigration::yank));
    }

    @Test
    void shouldNotKnowWhenTheGuestIsNotKeptAndItsSourceDoesNotListen() throws Exception {
        requireFailed("disk must have room", NOT_TOLD, receive(new Source(), () -> {
            throw new IOException("disk must have room");
        }));
    }

    @Test
    void shouldKnowWhenTheGuestIsNotKeptAndItsSourceListens() throws Exception {
        byte[] open = new StreamBytes().u8(8).u16(1).u16(0).toBytes();
        Source source = new Source().insert(MAIN, Source.SETUP_SECTION, open);
        requireFailed("disk must have room", "", receive(source, () -> {
            throw new IOException("disk must have room");
        }));
    }

    @Test
    void shouldNotKnowWhenCancelledWhileItStoresAndItsSourceDoesNotListen() throws Exception {
        CountDownLatch storing = new CountDownLatch(1);
        try (Intake intake = storing(Step.COMPLETE, () -> {
                    storing.countDown();
                    SlowDiskTest.hold(PATIENT.toMillis());
                });
                Peer peer = new Peer()) {
            for (byte[] bytes : new Source().connections) {
                peer.send(intake.uri(), bytes, Peer.Then.CLOSE);
            }
            storing.await();
            intake.migration().cancel();
            MigrationOutcome outcome = intake.awaitEnd();
            assertEquals(MigrationStatus.CANCELLED, outcome.status());
            requireLine(CANCELLED, NOT_TOLD, outcome);
            intake.requireUntouched();
        }
    }

    /** Its end lies behind what was not read. */
    @Test
    void shouldNotKnowWhenAPageIsNotKeptAndItsSourceHasEndedByThen() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (Intake intake = storing(Step.COMMIT, () -> {
                    try {
                        ended.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new IOException("disk must have room");
                });
                Peer peer = new Peer();
                SocketChannel main = SocketChannel.open(address(intake))) {
            Source source = new Source();
            main.write(ByteBuffer.wrap(source.main()));
            main.shutdownOutput();
            peer.send(intake.uri(), source.connections.get(1), Peer.Then.CLOSE);
            peer.send(intake.uri(), source.connections.get(2), Peer.Then.CLOSE);
            ended.countDown();
            requireFailed("disk must have room", NOT_TOLD, intake.awaitEnd());
        }
    }

    /** A source that breaks off has not let go of its guest. */
    @Test
    void shouldKnowWhenTheStreamBreaksOff() throws Exception {
        Source source = new Source().cut(MAIN, Source.DEVICE_STATE + 1);
        requireFailed("stream must end with its vmdescription, *", "", receive(source, () -> {}));
    }

    private interface Answer {
        void give(SocketChannel connection) throws IOException;
    }

    private static MigrationOutcome send(Duration stallTimeout, Answer answer) throws Exception {
        return send(stallTimeout, answer, migration -> {});
    }

    /**
     * Sends a guest to a destination that takes all of it.
     *
     * @param answer what it says on the main channel once it has all
     * @param then what is done here at that time
     */
    private static MigrationOutcome send(Duration stallTimeout, Answer answer, Consumer<OutgoingMigration> then)
            throws Exception {
        CountDownLatch allSent = new CountDownLatch(1);
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .stallTimeout(stallTimeout)
                .build();
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(1 << 20, 0, 0, 0, 1));
                Destination destination = Destination.start((number, connection) -> {
                    if (number == MAIN) {
                        Destination.keepUntil(allSent);
                        answer.give(connection);
                    }
                    Destination.readAll(connection);
                })) {
            OutgoingMigration migration = OutgoingMigration.of(
                    new SyntheticOutgoingGuest(guest), destination.uri(), Optional.empty(), parameters);
            FutureTask<MigrationOutcome> sending = new FutureTask<>(migration::run);
            Thread.ofVirtual().start(sending);
            Eventually.until("all sent", () -> SendingScene.hasSentAll(migration.progress()));
            allSent.countDown();
            then.accept(migration);
            return sending.get();
        }
    }

    private Intake storing(Step at, FaultyDestination.Trouble trouble) throws IOException {
        return Intake.startDisturbed(folder, kept -> new FaultyDestination(kept, at, trouble));
    }

    /** Takes in what a source sends that closes its connections behind it. */
    private MigrationOutcome receive(Source source, FaultyDestination.Trouble atTheEnd) throws Exception {
        try (Intake intake = storing(Step.COMPLETE, atTheEnd);
                Peer peer = new Peer()) {
            for (byte[] bytes : source.connections) {
                peer.send(intake.uri(), bytes, Peer.Then.CLOSE);
            }
            MigrationOutcome outcome = intake.awaitEnd();
            intake.requireUntouched();
            return outcome;
        }
    }

    private static InetSocketAddress address(Intake intake) {
        MigrationUri.Tcp uri = (MigrationUri.Tcp) intake.uri();
        return new InetSocketAddress(uri.host(), uri.port());
    }

    private static void requireFailed(String why, String handOver, MigrationOutcome outcome) {
        assertEquals(MigrationStatus.FAILED, outcome.status());
        requireLine(why, handOver, outcome);
    }

    private static void requireLine(String why, String handOver, MigrationOutcome outcome) {
        String line = outcome.failure().orElseThrow().getMessage();
        SpoiltSourceTest.requireMatch(why, HandOver.cut(line));
        assertEquals(handOver, HandOver.of(line), line);
    }
}
