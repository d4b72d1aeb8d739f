package io.pageferry.hostile;

import static io.pageferry.hostile.Source.DEVICE_STATE;
import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody else finds the port of a migration. As long as channels are missing he may be one of them, and spoils it, as
 * he does with QEMU; once all are there he is nobody.
 */
@LeakFree
@Timeout(60)
class UnrelatedConnectionTest {
    @TempDir
    Path folder;

    @Test
    void shouldNotMindWhoComesWhenAllChannelsAreThere() throws Exception {
        Source source = new Source();
        byte[] main = source.main();
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer();
                SocketChannel mainChannel = connect(intake)) {
            write(mainChannel, Arrays.copyOf(main, DEVICE_STATE));
            peer.send(intake.uri(), source.connections.get(1), Peer.Then.CLOSE);
            peer.send(intake.uri(), source.connections.get(2), Peer.Then.CLOSE);
            awaitSentAway(intake, "GET / HTTP/1.1\r\n\r\n");
            try (SocketChannel scan = connect(intake)) {
                scan.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            awaitSentAway(intake, "SSH-2.0-OpenSSH\r\n");
            try (SocketChannel silent = connect(intake)) {
                write(mainChannel, Arrays.copyOfRange(main, DEVICE_STATE, main.length));
                mainChannel.shutdownOutput();
                MigrationOutcome outcome = intake.awaitEnd();
                assertTrue(outcome.completed(), () -> outcome.failure().toString());
                awaitClosed(silent);
            }
            peer.awaitClosed();
        }
    }

    @Test
    void shouldEndWithItsReasonWhenAPortIsScannedBeforeTheMigration() throws Exception {
        try (Intake intake = Intake.start(folder)) {
            connect(intake).close();
            requireMatch(
                    "peer must not close before its message is whole: connection from * awaited=\"first four bytes\"",
                    intake.awaitFailure());
        }
    }

    /** Says something that no channel says, and waits to be closed. */
    private static void awaitSentAway(Intake intake, String words) throws IOException {
        try (SocketChannel stranger = connect(intake)) {
            write(stranger, words.getBytes(StandardCharsets.US_ASCII));
            awaitClosed(stranger);
        } catch (IOException e) {
            // Closed while it spoke.
        }
    }

    private static void awaitClosed(SocketChannel stranger) {
        try {
            assertEquals(-1, stranger.read(ByteBuffer.allocate(64)));
        } catch (IOException e) {
            // Reset: what it said was not read to its end, or it was never accepted.
        }
    }

    private static SocketChannel connect(Intake intake) throws IOException {
        MigrationUri.Tcp uri = (MigrationUri.Tcp) intake.uri();
        return SocketChannel.open(new InetSocketAddress(uri.host(), uri.port()));
    }

    private static void write(SocketChannel socket, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            socket.write(rest);
        }
    }
}
