package io.pageferry.hostile;

import static io.pageferry.hostile.Source.PART_SECTION;
import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.session.MigrationStatus;
import io.pageferry.supervision.Threads;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A source that is silent where it may pause before it switches over: for as long as it likes, if it listens. */
@LeakFree
@Timeout(60)
class PausingSourceTest {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final int MAIN = 0;
    private static final String STALLED = "peer must not be silent for longer than stall-timeout: ";

    @TempDir
    Path folder;

    private enum Kind {
        TCP,
        UNIX
    }

    @ParameterizedTest
    @EnumSource
    void shouldWaitForSourceThatListens(Kind kind) throws Exception {
        try (Intake intake = start(kind);
                Pausing source = new Pausing(intake, 1)) {
            source.listen();
            await(intake, MigrationStatus.PRE_SWITCHOVER);
            Eventually.await("the pause to last")
                    .during(STALL.multipliedBy(6))
                    .until(() -> status(intake) == MigrationStatus.PRE_SWITCHOVER);
            source.goOn();
            assertEquals(MigrationStatus.COMPLETED, intake.awaitEnd().status());
        }
    }

    /** Its kernel takes what is said to it, and after a while no more. */
    @ParameterizedTest
    @EnumSource
    void shouldEndWhenSourceDoesNotListen(Kind kind) throws Exception {
        try (Intake intake = start(kind);
                Pausing _ = new Pausing(intake, 1)) {
            await(intake, MigrationStatus.PRE_SWITCHOVER);
            requireMatch(STALLED + "main channel awaited=\"section type\" *", intake.awaitFailure());
        }
    }

    /** One that wants no answer shows nothing by taking it. */
    @ParameterizedTest
    @EnumSource
    void shouldEndWhenSourceAskedForNoAnswer(Kind kind) throws Exception {
        try (Intake intake = start(kind);
                Pausing source = new Pausing(intake, 0)) {
            source.listen();
            requireMatch(STALLED + "main channel awaited=\"section type\" *", intake.awaitFailure());
        }
    }

    private static MigrationStatus status(Intake intake) {
        return intake.migration().progress().status();
    }

    private static void await(Intake intake, MigrationStatus status) {
        Eventually.until("status " + status, () -> status(intake) == status);
    }

    private Intake start(Kind kind) throws IOException {
        MigrationUri uri = kind == Kind.TCP
                ? new MigrationUri.Tcp("127.0.0.1", 0)
                : new MigrationUri.Unix(folder.resolve("socket"));
        return Intake.start(
                Files.createDirectory(folder.resolve("images")), uri, parameters -> parameters.stallTimeout(STALL));
    }

    /** Has sent everything but what comes behind the first section of RAM. */
    private static final class Pausing implements AutoCloseable {
        private final List<SocketChannel> sockets = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private final byte[] rest;

        Pausing(Intake intake, int pings) throws IOException {
            Source source = UnreadAnswersTest.pinging(pings);
            int paused = PART_SECTION + source.connections.get(MAIN).length - new Source().connections.get(MAIN).length;
            byte[] main = source.connections.get(MAIN);
            rest = Arrays.copyOfRange(main, paused, main.length);
            for (byte[] bytes : source.connections) {
                SocketChannel socket = SocketChannel.open(address(intake.uri()));
                sockets.add(socket);
                write(socket, bytes == main ? Arrays.copyOf(main, paused) : bytes);
            }
        }

        private static SocketAddress address(MigrationUri uri) {
            return uri instanceof MigrationUri.Tcp tcp
                    ? new InetSocketAddress(tcp.host(), tcp.port())
                    : UnixDomainSocketAddress.of(((MigrationUri.Unix) uri).path());
        }

        private static void write(SocketChannel socket, byte[] bytes) throws IOException {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                assertTrue(socket.write(left) > 0);
            }
        }

        /** Reads all answers, and makes nothing of them. */
        void listen() {
            threads.add(Thread.ofVirtual().start(() -> {
                ByteBuffer bytes = ByteBuffer.allocate(4096);
                try {
                    while (sockets.get(MAIN).read(bytes.clear()) >= 0) {
                        Thread.onSpinWait();
                    }
                } catch (IOException e) {
                    // The test is over.
                }
            }));
        }

        void goOn() throws IOException {
            write(sockets.get(MAIN), rest);
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel socket : sockets) {
                socket.close();
            }
            threads.forEach(Threads::joinUninterruptibly);
        }
    }
}
