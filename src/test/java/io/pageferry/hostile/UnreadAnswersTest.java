package io.pageferry.hostile;

import static io.pageferry.hostile.Source.PART_SECTION;
import static io.pageferry.hostile.Source.SETUP_SECTION;
import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.hostile.FaultyDestination.Step;
import io.pageferry.session.Destination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source that asks and does not listen: its socket is full of answers, down to the place for the last word. */
@LeakFree
@Timeout(60)
class UnreadAnswersTest {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final int MAIN = 0;
    private static final int ANSWER_BYTES = 8;

    @TempDir
    Path folder;

    /**
     * On a UNIX socket each answer takes a fixed part of the room there is: what one connection takes, another one does
     * too. SWITCHOVER_ACK is given unasked and takes its part.
     */
    private int answersThatFit = -1;

    @BeforeEach
    void fill() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("filled"));
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
                SocketChannel deaf = SocketChannel.open(address);
                SocketChannel filled = listener.accept()) {
            filled.configureBlocking(false);
            while (filled.write(ByteBuffer.allocate(ANSWER_BYTES)) > 0) {
                answersThatFit++;
            }
            assertTrue(deaf.isConnected());
        }
        Files.delete(address.getPath());
    }

    @Test
    void shouldEndAtDeadlineWhenAnAnswerIsNotTaken() throws Exception {
        try (Intake intake = start();
                DeafPeer peer = new DeafPeer()) {
            peer.send(intake, pinging(answersThatFit + 1));
            requireMatch(
                    "peer must not be silent for longer than stall-timeout: main channel awaited=\"return path"
                            + " message\" *",
                    intake.awaitFailure());
        }
    }

    /**
     * The guest is safe then, so the image stays: the source may be gone for good. Nor does it matter how long the disk
     * takes, as signs of life wait for no room.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, 3})
    void shouldEndAtDeadlineWhenTheLastWordIsNotTaken(long stallsOfTheDisk) throws Exception {
        try (Intake intake = start(kept -> new FaultyDestination(
                        kept, Step.COMPLETE, () -> SlowDiskTest.hold(stallsOfTheDisk * STALL.toMillis())));
                DeafPeer peer = new DeafPeer()) {
            peer.send(intake, pinging(answersThatFit));
            MigrationOutcome outcome = intake.awaitEnd();
            assertEquals(MigrationStatus.FAILED, outcome.status());
            String line = outcome.failure().orElseThrow().getMessage();
            requireMatch(
                    "peer must not be silent for longer than stall-timeout: main channel awaited=\"room for SHUT\" *",
                    line);
            assertEquals(
                    "cannot be known: the guest is kept here, and its source could not be told", HandOver.of(line));
            assertTrue(Files.size(intake.image()) > Source.BLOCK_BYTES, "image is there");
        }
    }

    @Test
    void shouldFailWithItsReasonWhenTheLastWordIsNotTaken() throws Exception {
        try (Intake intake = start();
                DeafPeer peer = new DeafPeer()) {
            Source source = pinging(answersThatFit);
            int inserted = source.main().length - new Source().main().length;
            peer.send(intake, source.with(MAIN, inserted + PART_SECTION, new byte[] {0x33}));
            requireMatch(
                    "section type must be one that can stand before the end of RAM: type=0x33 position=*",
                    intake.awaitFailure());
        }
    }

    private Intake start() throws IOException {
        return start(UnaryOperator.identity());
    }

    private Intake start(UnaryOperator<Destination> disturbance) throws IOException {
        return Intake.start(
                Files.createDirectory(folder.resolve("images")),
                uri(),
                parameters -> parameters.stallTimeout(STALL),
                disturbance);
    }

    private MigrationUri uri() {
        return new MigrationUri.Unix(folder.resolve("socket"));
    }

    /** One that listens, or seems to, and asks so often whether somebody is here. */
    static Source pinging(int pings) {
        StreamBytes commands = new StreamBytes().u8(8).u16(1).u16(0);
        for (int i = 0; i < pings; i++) {
            commands.u8(8).u16(2).u16(4).u32(i);
        }
        return new Source().insert(MAIN, SETUP_SECTION, commands.toBytes());
    }

    /** Sends everything, reads nothing. */
    private final class DeafPeer implements AutoCloseable {
        private final List<SocketChannel> sockets = new ArrayList<>();

        void send(Intake intake, Source source) throws IOException {
            assertEquals(uri(), intake.uri());
            for (byte[] bytes : source.connections) {
                SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("socket")));
                sockets.add(socket);
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    socket.write(rest);
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel socket : sockets) {
                socket.close();
            }
        }
    }
}
