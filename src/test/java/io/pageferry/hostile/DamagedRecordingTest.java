package io.pageferry.hostile;

import static io.pageferry.hostile.Peer.Then.CLOSE;
import static io.pageferry.hostile.Peer.Then.RESET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.image.Image;
import io.pageferry.image.ImageException;
import io.pageferry.net.NetException;
import io.pageferry.receive.ReceiveException;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.stream.StreamException;
import io.pageferry.testing.DeviceStates;
import io.pageferry.testing.LeakFree;
import io.pageferry.wire.WireException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What QEMU sends, damaged or cut anywhere: it is refused by one of our own rules, or what was sent is what is kept.
 */
@LeakFree
@Timeout(180)
class DamagedRecordingTest {
    private static final Set<Class<?>> OURS = Set.of(
            NetException.class,
            WireException.class,
            StreamException.class,
            ReceiveException.class,
            ImageException.class);

    /** A spoilt count or flag can make either end wait for the other. */
    private static final Duration STALL = Duration.ofMillis(250);

    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final int MAIN = 0;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void shouldKeepWhatWasSentWhenNothingIsWrong(Recording recording) throws Exception {
        Source source = recording.source();
        assertEquals(recording.pages, new SentPages(source).count());
        MigrationOutcome outcome = migrate(recording, source, PATIENT);
        assertEquals(MigrationStatus.COMPLETED, outcome.status(), String.valueOf(outcome.failure()));
    }

    @ParameterizedTest
    @CsvSource({"QEMU_10, 0, 1", "QEMU_10, 1, 2", "QEMU_10, 2, 3", "QEMU_7, 0, 4"})
    void shouldRefuseOrKeepWhatWasSentWhenAByteIsWrong(Recording recording, int connection, long seed)
            throws Exception {
        Random random = new Random(seed);
        int completed = 0;
        int runs = 80;
        for (int i = 0; i < runs; i++) {
            Source source = recording.source();
            byte[] bytes = source.connections.get(connection);
            // What steers a migration comes first; the rest is pages, unused slots and device state.
            int position = random.nextInt(random.nextInt(3) > 0 ? Math.min(bytes.length, 2048) : bytes.length);
            bytes[position] ^= (byte) (1 << random.nextInt(8));
            if (migrate(recording, source, STALL).completed()) {
                completed++;
            }
        }
        assertTrue(completed > 0 && completed < runs, "completed=" + completed);
    }

    @ParameterizedTest
    @CsvSource({"QEMU_10, 0", "QEMU_10, 1", "QEMU_10, 2", "QEMU_7, 0", "QEMU_7, 1", "QEMU_7, 2"})
    void shouldBeRefusedAtOnceWhenAConnectionEndsTooSoon(Recording recording, int connection) throws Exception {
        int length = recording.source().connections.get(connection).length;
        int lastSync = connection == MAIN
                ? length
                : lastSync(recording.source().connections.get(connection));
        Random random = new Random(connection);
        for (int i = 0; i < 30; i++) {
            int cut = i < 5 ? 3 * i : random.nextInt(lastSync);
            Source source = recording.source().cut(connection, cut);
            MigrationOutcome outcome =
                    migrate(recording, source, PATIENT, id -> id == connection && random.nextBoolean() ? RESET : CLOSE);
            assertEquals(MigrationStatus.FAILED, outcome.status(), "length=" + cut);
        }
    }

    /** A channel that ends behind its last SYNC may have ended for good. */
    private static int lastSync(byte[] channel) {
        ByteBuffer bytes = ByteBuffer.wrap(channel);
        int packet = channel.length - 1344;
        while (bytes.getInt(packet) != 0x11223344 || (bytes.getInt(packet + 8) & 1) == 0) {
            packet -= 1344;
        }
        return packet;
    }

    /** Runs a migration and checks that it ended in one of the two ways there are. */
    private MigrationOutcome migrate(Recording recording, Source source, Duration stallTimeout) throws Exception {
        return migrate(recording, source, stallTimeout, connection -> CLOSE);
    }

    private MigrationOutcome migrate(
            Recording recording, Source source, Duration stallTimeout, IntFunction<Peer.Then> then) throws Exception {
        Path run = Files.createTempDirectory(folder, "run");
        try (Intake intake = Intake.start(
                        run, settings -> settings.maxRam(Recording.GUEST_BYTES).stallTimeout(stallTimeout));
                Peer peer = new Peer()) {
            for (int id = 0; id < source.connections.size(); id++) {
                peer.send(intake.uri(), source.connections.get(id), then.apply(id));
            }
            MigrationOutcome outcome = intake.awaitEnd();
            peer.awaitClosed();
            if (outcome.completed()) {
                try (Image image = Image.open(intake.image(), 0, Recording.GUEST_BYTES, false)) {
                    new SentPages(source).requireSame(image);
                    byte[] deviceState = DeviceStates.bytes(image.deviceState());
                    assertArrayEquals(recording.deviceState(source), deviceState);
                }
            } else {
                intake.requireUntouched();
                Throwable failure = outcome.failure().orElseThrow();
                if (!OURS.contains(HandOver.unwrap(failure).getClass())) {
                    throw new AssertionError("a peer must not cause a fault of ours", failure);
                }
                assertEquals(1, failure.getMessage().lines().count(), failure.getMessage());
            }
            Files.delete(intake.image());
            return outcome;
        }
    }
}
