package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.image.Image;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The source that the other tests spoil is a good one. */
@LeakFree
@Timeout(60)
class GoodSourceTest {
    @TempDir
    Path folder;

    @Test
    void shouldBecomeAnImageWhenNothingIsSpoilt() throws Exception {
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            for (byte[] connection : new Source().connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            MigrationOutcome outcome = intake.awaitEnd();
            assertEquals(MigrationStatus.COMPLETED, outcome.status(), String.valueOf(outcome.failure()));
            peer.awaitClosed();
            try (Image image = Image.open(intake.image(), 0, 1 << 20, false)) {
                assertEquals(4, image.present(image.layout().block(0)).count());
            }
            byte[] file = Files.readAllBytes(intake.image());
            for (int page = 0; page < 4; page++) {
                assertEquals(Source.contentOf(page), file[(1 << 20) + page * Source.PAGE]);
            }
        }
    }
}
