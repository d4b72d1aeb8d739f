package io.pageferry.hostile;

import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.pageferry.hostile.Stage.Cause;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every stage of a migration and everything that can end it there: it ends within a second, by what ended it and
 * nothing that came of that, and nothing is left of it, here or in its peer's hands.
 *
 * <p>Subclasses have the rows, {@code stages}. A cell that cannot be has its reason there, and is no test.
 */
@LeakFree
@Timeout(60)
abstract class StoppingSuite {
    /**
     * A second in parts: on a machine that is busy with other things each of them takes longer, and the second with
     * them.
     */
    private static final int PARTS = 100;

    private static final long PART_MILLIS = 10;

    @TempDir
    static Path credentials;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() throws Exception {
        Setting.makeCredentials(credentials);
    }

    static Stream<Arguments> table(List<Stage> stages) {
        return stages.stream()
                .flatMap(stage -> Arrays.stream(Cause.values())
                        .filter(cause -> stage.whyImpossible(cause) == null)
                        .map(cause -> Arguments.of(stage, cause)));
    }

    /** All of its rows. */
    abstract List<Stage> rows();

    @Test
    void shouldSaySomethingOfEveryCause() {
        assertFalse(rows().isEmpty());
        rows().forEach(Stage::requireAllCauses);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("table")
    void shouldEndAtOnceByItsFirstCause(Stage stage, Cause cause) throws Exception {
        RuntimeException fault = new IllegalStateException(Stage.FAULT);
        try (Scene scene = stage.begin(new Setting(folder, credentials, cause))) {
            if (cause != Cause.STALL) {
                Eventually.until(stage.toString(), scene::isThere);
                assertFalse(scene.progress().status().isFinal(), "ended too early: " + scene.outcome());
            }
            switch (cause) {
                case CANCEL -> scene.cancel();
                case YANK -> scene.yank();
                case INTERRUPT -> scene.runner().interrupt();
                case RESET -> scene.end(Peer.Then.RESET);
                case CLOSE -> scene.end(Peer.Then.CLOSE);
                case FAULT -> scene.fail(fault);
                case STALL -> Eventually.until("deadline", scene.outcome()::isDone);
            }
            MigrationOutcome outcome = withinASecond(scene.outcome());
            withinASecond(started(() -> {
                scene.runner().join();
                scene.awaitPeerClosed();
            }));
            requireEnd(stage, cause, outcome, fault);
            scene.requireUntouched();
        }
    }

    private static void requireEnd(Stage stage, Cause cause, MigrationOutcome outcome, Throwable fault) {
        boolean cancelled = cause == Cause.CANCEL || cause == Cause.INTERRUPT;
        assertEquals(cancelled ? MigrationStatus.CANCELLED : MigrationStatus.FAILED, outcome.status());
        if (cancelled) {
            outcome.failure()
                    .ifPresent(failure -> assertEquals(
                            "migration must not be cancelled while it is handed over: cancelled=true",
                            HandOver.cut(failure.getMessage())));
            return;
        }
        Throwable failure = outcome.failure().orElseThrow();
        if (cause == Cause.YANK) {
            assertEquals("migration must be left to go on: yanked=true", HandOver.cut(failure.getMessage()));
        } else if (cause == Cause.FAULT) {
            assertSame(fault, failure);
        } else {
            requireMatch(stage.line(cause), HandOver.cut(failure.getMessage()));
        }
        for (Throwable other : failure.getSuppressed()) {
            assertFalse(
                    other instanceof InterruptedException || other instanceof ClosedChannelException,
                    () -> "what only came of it must not be told: " + other);
        }
    }

    private static <T> T withinASecond(Future<T> end) throws Exception {
        for (int part = 0; part < PARTS; part++) {
            try {
                return end.get(PART_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // The next part.
            }
        }
        throw new AssertionError("must end within a second");
    }

    private interface Waiting {
        void run() throws Exception;
    }

    private static Future<Void> started(Waiting waiting) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            waiting.run();
            return null;
        });
        Thread.ofVirtual().start(task);
        return task;
    }
}
