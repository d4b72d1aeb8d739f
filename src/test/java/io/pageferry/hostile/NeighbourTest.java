package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in one migration is nothing to another one in the same process. */
@LeakFree
@Timeout(60)
class NeighbourTest {
    @TempDir
    Path folder;

    @Test
    void shouldCompleteWhenAnotherMigrationFailsMeanwhile() throws Exception {
        try (Intake good = Intake.start(Files.createDirectory(folder.resolve("good")));
                Peer goodPeer = new Peer();
                Peer badPeer = new Peer()) {
            Source source = new Source();
            // Half of it is there before the other one begins.
            goodPeer.send(good.uri(), source.connections.get(0), Peer.Then.CLOSE);
            goodPeer.send(good.uri(), source.connections.get(1), Peer.Then.CLOSE);
            for (int i = 0; i < 3; i++) {
                try (Intake bad = Intake.start(Files.createDirectory(folder.resolve("bad" + i)))) {
                    Source spoilt = new Source().withU32(1, Source.SYNC_PACKET, i);
                    for (byte[] connection : spoilt.connections) {
                        badPeer.send(bad.uri(), connection, Peer.Then.SILENCE);
                    }
                    assertEquals(
                            String.format("packet's magic must be 0x11223344: channel=0 magic=0x%08x", i),
                            bad.awaitFailure());
                }
            }
            goodPeer.send(good.uri(), source.connections.get(2), Peer.Then.CLOSE);
            assertEquals(MigrationStatus.COMPLETED, good.awaitEnd().status());
            badPeer.awaitClosed();
        }
    }
}
