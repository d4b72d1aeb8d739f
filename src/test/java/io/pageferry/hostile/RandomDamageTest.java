package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One byte of a whole migration is wrong, any one: it completes or is refused, and leaves nothing in either case. */
@LeakFree
@Timeout(120)
class RandomDamageTest {
    private static final int MIGRATIONS = 150;
    private static final Duration STALL = Duration.ofMillis(200);

    @TempDir
    Path folder;

    @Test
    void shouldCompleteOrRefuseWhenAnyByteIsWrong() throws Exception {
        Random random = new Random(11);
        int refused = 0;
        for (int i = 0; i < MIGRATIONS; i++) {
            Source source = new Source();
            byte[] spoilt = source.connections.get(random.nextInt(source.connections.size()));
            // Most of a channel is pages and unused slots: fields come first, and are more to be looked at.
            int position = random.nextInt(random.nextBoolean() ? Math.min(spoilt.length, 512) : spoilt.length);
            spoilt[position] ^= (byte) (1 << random.nextInt(8));
            if (!migrate(Files.createDirectory(folder.resolve("run" + i)), source)) {
                refused++;
            }
        }
        assertTrue(refused > MIGRATIONS / 10 && refused < MIGRATIONS, "refused=" + refused);
    }

    private static boolean migrate(Path folder, Source source) throws Exception {
        try (Intake intake = Intake.start(folder, STALL);
                Peer peer = new Peer()) {
            for (byte[] connection : source.connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            MigrationOutcome outcome = intake.awaitEnd();
            peer.awaitClosed();
            if (outcome.status() == MigrationStatus.COMPLETED) {
                return true;
            }
            Throwable failure = outcome.failure().orElseThrow();
            assertTrue(failure instanceof IOException && failure.getMessage() != null, String.valueOf(failure));
            intake.requireUntouched();
            return false;
        }
    }
}
