package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.hostile.FaultyDestination.Step;
import io.pageferry.image.Image;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong in one migration is nothing to another one in the same process. */
@LeakFree
@Timeout(60)
class FailureIsolationTest {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final int CHANNEL_0 = 1;

    @TempDir
    Path folder;

    /** How a migration that comes in can end, other than well. */
    enum BadIntake {
        SOURCE_LIES(new Source().withU32(CHANNEL_0, Source.SYNC_PACKET, 0), MigrationStatus.FAILED),
        SOURCE_CLOSES(new Source().cut(CHANNEL_0, Source.PAGE_DATA + 100), MigrationStatus.FAILED),
        SOURCE_FALLS_SILENT(new Source().cut(CHANNEL_0, Source.PAGE_DATA + 100), MigrationStatus.FAILED) {
            @Override
            Intake start(Path folder) throws IOException {
                return Intake.start(folder, STALL);
            }

            @Override
            Peer.Then then() {
                return Peer.Then.SILENCE;
            }
        },
        DISK_IS_FULL(new Source(), MigrationStatus.FAILED) {
            @Override
            Intake start(Path folder) throws IOException {
                return Intake.startDisturbed(
                        folder,
                        kept -> new FaultyDestination(kept, Step.COMMIT, () -> {
                            throw new IOException("No space left on device");
                        }));
            }
        },
        IS_INTERRUPTED(new Source().cut(CHANNEL_0, Source.DATA_PACKET), MigrationStatus.CANCELLED) {
            @Override
            Peer.Then then() {
                return Peer.Then.SILENCE;
            }

            @Override
            void disturb(Intake intake) {
                intake.interrupt();
            }
        };

        private final Source source;
        private final MigrationStatus end;

        BadIntake(Source source, MigrationStatus end) {
            this.source = source;
            this.end = end;
        }

        Intake start(Path folder) throws IOException {
            return Intake.start(folder);
        }

        Peer.Then then() {
            return Peer.Then.CLOSE;
        }

        void disturb(Intake intake) {}
    }

    @ParameterizedTest
    @EnumSource
    void shouldCompleteWhenAnotherOneThatComesInDoesNot(BadIntake way) throws Exception {
        Source source = new Source();
        try (Intake good = Intake.start(newFolder());
                Peer goodPeer = new Peer();
                Peer badPeer = new Peer()) {
            // Half of it is there before the other one begins.
            goodPeer.send(good.uri(), source.connections.get(0), Peer.Then.CLOSE);
            goodPeer.send(good.uri(), source.connections.get(1), Peer.Then.CLOSE);
            try (Intake bad = way.start(newFolder())) {
                for (byte[] connection : way.source.connections) {
                    badPeer.send(bad.uri(), connection, way.then());
                }
                way.disturb(bad);
                assertEquals(way.end, bad.awaitEnd().status());
                bad.requireUntouched();
            }
            goodPeer.send(good.uri(), source.connections.get(2), Peer.Then.CLOSE);
            requireKept(source, good);
            badPeer.awaitClosed();
        }
    }

    /** What a destination can do to who sends to it. */
    enum BadDestination {
        CLOSES((number, connection) -> Destination.read(connection, 1000)),
        TALKS_NONSENSE((number, connection) -> {
            Destination.write(connection, new byte[16]);
            Destination.readAll(connection);
        }),
        FAILS((number, connection) -> {
            Destination.write(connection, new StreamBytes().u16(1).u16(4).u32(1).toBytes());
            Destination.readAll(connection);
        }),
        FALLS_SILENT((number, connection) -> Destination.keep());

        private final Destination.Behaviour behaviour;

        BadDestination(Destination.Behaviour behaviour) {
            this.behaviour = behaviour;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCompleteWhenAnotherOneThatGoesOutDoesNot(BadDestination way) throws Exception {
        Source source = Recording.QEMU_10.source();
        Path image = imageOf(source);
        CountDownLatch otherHasEnded = new CountDownLatch(1);
        try (Intake good = Intake.startDisturbed(
                        newFolder(), kept -> new FaultyDestination(kept, Step.OPEN, () -> await(otherHasEnded)));
                Image opened = Image.open(image, 0, Recording.GUEST_BYTES, false)) {
            Thread sending = Thread.ofPlatform().start(() -> send(opened, good.uri()));
            try (Destination bad = Destination.start(way.behaviour);
                    Image openedToo = Image.open(image, 0, Recording.GUEST_BYTES, false)) {
                assertEquals(MigrationStatus.FAILED, send(openedToo, bad.uri()).status());
            } finally {
                otherHasEnded.countDown();
            }
            requireKept(source, good);
            sending.join();
        }
    }

    private static MigrationOutcome send(Image image, MigrationUri destination) {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(Source.CHANNELS)
                .stallTimeout(Duration.ofSeconds(2))
                .build();
        return OutgoingMigration.of(image, destination, Optional.empty(), parameters)
                .run();
    }

    private Path imageOf(Source source) throws Exception {
        try (Intake intake = Intake.startDisturbed(newFolder(), kept -> kept);
                Peer peer = new Peer()) {
            for (byte[] connection : source.connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            requireKept(source, intake);
            peer.awaitClosed();
            return intake.image();
        }
    }

    private static void requireKept(Source source, Intake intake) throws Exception {
        MigrationOutcome outcome = intake.awaitEnd();
        assertTrue(outcome.completed(), () -> outcome.failure().toString());
        try (Image image = Image.open(intake.image(), 0, Recording.GUEST_BYTES, false)) {
            new SentPages(source).requireSame(image);
        }
    }

    private Path newFolder() throws IOException {
        return Files.createTempDirectory(folder, "run");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
