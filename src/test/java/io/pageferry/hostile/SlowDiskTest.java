package io.pageferry.hostile;

import static io.pageferry.hostile.Source.PART_SECTION;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.hostile.TroubledDestination.Step;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.testing.LeakFree;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes longer than the stall-timeout for a page: the source can only wait for us, and is not to be blamed for it. */
@LeakFree
@Timeout(60)
class SlowDiskTest {
    private static final Duration STALL = Duration.ofMillis(300);

    @TempDir
    Path folder;

    @Test
    void shouldNotCallTheSourceSilentWhenItWaitsForOurDisk() throws Exception {
        Source source = new Source();
        CountDownLatch written = new CountDownLatch(1);
        AtomicBoolean slow = new AtomicBoolean();
        try (Intake intake = Intake.startDisturbed(
                        folder,
                        settings -> settings.stallTimeout(STALL),
                        kept -> new TroubledDestination(kept, Step.COMMIT, () -> {
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

    /** What a disk does that is slow: the time is part of what is tested. */
    private static void hold(long millis) {
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
