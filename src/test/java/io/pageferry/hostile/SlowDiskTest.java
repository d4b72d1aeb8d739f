package io.pageferry.hostile;

import static io.pageferry.hostile.Source.PART_SECTION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.hostile.FaultyDestination.Step;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.stream.ReturnPathMessage;
import io.pageferry.stream.StreamInput;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A disk that takes longer than the stall-timeout: the source can only wait for us, and is not to be blamed for it, nor
 * left without a sign that we live.
 */
@LeakFree
@Timeout(60)
class SlowDiskTest {
    private static final Duration STALL = Duration.ofMillis(300);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"COMMIT", "DEVICE_STATE"})
    void shouldNotCallTheSourceSilentWhenItWaitsForOurDisk(Step step) throws Exception {
        Source source = new Source();
        source.insert(1, Source.LAST_SYNC_PACKET, DeviceStateSourceTest.packet("0000:00:04.0/vfio", 0, new byte[5000]));
        CountDownLatch written = new CountDownLatch(1);
        AtomicBoolean slow = new AtomicBoolean();
        try (Intake intake = Intake.startDisturbed(
                        folder,
                        settings -> settings.stallTimeout(STALL),
                        kept -> new FaultyDestination(kept, step, () -> {
                            if (slow.compareAndSet(false, true)) {
                                hold(3 * STALL.toMillis());
                                written.countDown();
                            }
                        }));
                Peer peer = new Peer();
                SocketChannel main = connect(intake)) {
            write(main, Arrays.copyOf(source.main(), PART_SECTION));
            peer.send(intake.uri(), source.connections.get(1), Peer.Then.CLOSE);
            peer.send(intake.uri(), source.connections.get(2), Peer.Then.CLOSE);
            written.await();
            write(main, Arrays.copyOfRange(source.main(), PART_SECTION, source.main().length));
            main.shutdownOutput();
            MigrationOutcome outcome = intake.awaitEnd();
            assertTrue(outcome.completed(), () -> outcome.failure().toString());
            peer.awaitClosed();
        }
    }

    /** All that was said to a source whose guest took three stall-timeouts to be put on disk. */
    private List<ReturnPathMessage> said(byte[] commands, Peer.Then then) throws Exception {
        try (Intake intake = Intake.startDisturbed(
                        folder,
                        settings -> settings.stallTimeout(STALL),
                        kept -> new FaultyDestination(kept, Step.COMPLETE, () -> hold(3 * STALL.toMillis())));
                Peer peer = new Peer()) {
            Source source = new Source().insert(0, Source.SETUP_SECTION, commands);
            for (byte[] bytes : source.connections) {
                peer.send(intake.uri(), bytes, then);
            }
            MigrationOutcome outcome = intake.awaitEnd();
            assertTrue(outcome.completed(), () -> outcome.failure().toString());
            peer.awaitClosed();
            StreamInput answers = StreamBytes.input(peer.answers(0));
            List<ReturnPathMessage> said = new ArrayList<>();
            while (!answers.isAtEnd("answer")) {
                said.add(ReturnPathMessage.read(answers));
            }
            return said;
        }
    }

    private static StreamBytes ping(StreamBytes commands, int number) {
        return commands.u8(8).u16(2).u16(4).u32(number);
    }

    private static StreamBytes openReturnPath() {
        return new StreamBytes().u8(8).u16(1).u16(0);
    }

    @Test
    void shouldRepeatItsLastPongUntilTheLastWord() throws Exception {
        List<ReturnPathMessage> said = said(ping(ping(openReturnPath(), 1), 2).toBytes(), Peer.Then.SILENCE);
        ReturnPathMessage last = ReturnPathMessage.pong(2);
        assertEquals(
                List.of(ReturnPathMessage.switchoverAck(), ReturnPathMessage.pong(1), last, last, last),
                said.subList(0, 5));
        assertEquals(ReturnPathMessage.shut(0), said.getLast());
        assertEquals(Set.of(last), Set.copyOf(said.subList(2, said.size() - 1)));
    }

    /** It would tell a source that has postcopy in mind that all of a package is loaded. */
    @Test
    void shouldNeverRepeatThePongThatHasAnotherMeaning() throws Exception {
        List<ReturnPathMessage> said =
                said(ping(ping(openReturnPath(), 3), 0x42).toBytes(), Peer.Then.SILENCE);
        assertEquals(1, Collections.frequency(said, ReturnPathMessage.pong(0x42)), said.toString());
        assertTrue(Collections.frequency(said, ReturnPathMessage.pong(3)) > 3, said.toString());
        assertEquals(ReturnPathMessage.shut(0), said.getLast());
    }

    @Test
    void shouldRepeatNoPongWhenTheOnlyOneHasAnotherMeaning() throws Exception {
        assertEquals(
                List.of(ReturnPathMessage.switchoverAck(), ReturnPathMessage.pong(0x42), ReturnPathMessage.shut(0)),
                said(ping(openReturnPath(), 0x42).toBytes(), Peer.Then.SILENCE));
    }

    @Test
    void shouldMakeUpNoPongWhenNoPingCame() throws Exception {
        assertEquals(
                List.of(ReturnPathMessage.switchoverAck(), ReturnPathMessage.shut(0)),
                said(openReturnPath().toBytes(), Peer.Then.SILENCE));
    }

    @Test
    void shouldSayNothingWhenTheSourceDoesNotListen() throws Exception {
        assertEquals(List.of(), said(ping(new StreamBytes(), 1).toBytes(), Peer.Then.CLOSE));
    }

    /** What a disk does that is slow: the time is part of what is tested. */
    static void hold(long millis) {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static SocketChannel connect(Intake intake) throws Exception {
        MigrationUri.Tcp uri = (MigrationUri.Tcp) intake.uri();
        return SocketChannel.open(new InetSocketAddress(uri.host(), uri.port()));
    }

    private static void write(SocketChannel socket, byte[] bytes) throws Exception {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            socket.write(rest);
        }
    }
}
