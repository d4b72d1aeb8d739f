package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.net.NetException;
import io.pageferry.send.SendException;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.stream.StreamException;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A destination of which each connection does one thing after the other by chance: the sender ends by a rule of ours,
 * whatever that adds up to.
 */
@LeakFree
@Timeout(60)
class ErraticDestinationTest {
    private static final Set<Class<?>> OURS = Set.of(NetException.class, SendException.class, StreamException.class);
    private static final Duration STALL = Duration.ofMillis(200);
    private static final int MIGRATIONS = 30;
    private static final int CHANNELS = 3;

    @TempDir
    Path folder;

    /** What would be printed besides the one line. */
    private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();

    private Thread.UncaughtExceptionHandler before;

    @BeforeEach
    void catchAll() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
    }

    @AfterEach
    void letGo() {
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    @RepeatedTest(5)
    void shouldEndByARuleOfOurs(RepetitionInfo repetition) throws Exception {
        Path file = GoldenImage.write(folder.resolve("image"));
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .stallTimeout(STALL)
                .build();
        int failed = 0;
        for (int i = 0; i < MIGRATIONS; i++) {
            long seed = (long) repetition.getCurrentRepetition() * MIGRATIONS + i;
            try (Destination destination = Destination.start(
                            (number, connection) -> serve(new Random(seed << 8 | number), connection));
                    Image image = Image.open(file, 0, Recording.GUEST_BYTES, false)) {
                MigrationOutcome outcome = OutgoingMigration.of(image, destination.uri(), Optional.empty(), parameters)
                        .run();
                outcome.failure().ifPresent(failure -> requireOurs(failure, seed));
                failed += outcome.completed() ? 0 : 1;
            }
        }
        // It may even say that it has the guest, and at the right moment.
        assertTrue(failed > MIGRATIONS / 2, "failed=" + failed);
        assertTrue(uncaught.isEmpty(), uncaught.toString());
    }

    private static void requireOurs(Throwable failure, long seed) {
        if (!OURS.contains(HandOver.unwrap(failure).getClass())) {
            throw new AssertionError("a peer must not cause a fault of ours: seed=" + seed, failure);
        }
        assertEquals(1, failure.getMessage().lines().count(), failure.getMessage());
    }

    private static void serve(Random random, SocketChannel connection) throws IOException {
        while (true) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    return; // and so closes the connection
                }
                case 1 -> {
                    connection.setOption(StandardSocketOptions.SO_LINGER, 0);
                    return;
                }
                case 2 -> Destination.write(connection, SpoiltDestinationTest.shut(random.nextInt(3) - 1));
                case 3 -> {
                    byte[] nonsense = new byte[random.nextInt(20)];
                    random.nextBytes(nonsense);
                    Destination.write(connection, nonsense);
                }
                case 4 -> connection.shutdownOutput();
                case 5 -> Destination.keep();
                default -> Destination.read(connection, random.nextInt(1 << random.nextInt(20)));
            }
        }
    }
}
