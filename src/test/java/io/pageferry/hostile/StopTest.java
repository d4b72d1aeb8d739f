package io.pageferry.hostile;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An incoming migration is ended from outside: at each stage, in each way. It ends at once and leaves nothing. */
@LeakFree
@Timeout(60)
class StopTest {
    @TempDir
    Path folder;

    /** How a migration is ended, and as what. */
    private enum Way {
        CANCEL(IncomingMigration::cancel, MigrationStatus.CANCELLED),
        YANK(IncomingMigration::yank, MigrationStatus.FAILED);

        private final Consumer<IncomingMigration> action;
        private final MigrationStatus end;

        Way(Consumer<IncomingMigration> action, MigrationStatus end) {
            this.action = action;
            this.end = end;
        }
    }

    static Stream<Arguments> stagesAndWays() {
        return SilentSourceTest.places()
                .flatMap(place ->
                        Arrays.stream(Way.values()).map(way -> Arguments.of(place.get()[0], way, place.get()[1])));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("stagesAndWays")
    void shouldEndAtOnce(String stage, Way way, UnaryOperator<Source> silence) throws Exception {
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            for (byte[] connection : silence.apply(new Source()).connections) {
                peer.send(intake.uri(), connection, Peer.Then.SILENCE);
            }
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> intake.migration().progress().status() != MigrationStatus.NONE);
            requireEnds(intake, way);
            peer.awaitClosed();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldEndAtOnceWhenNobodyHasCome(Way way) throws Exception {
        try (Intake intake = Intake.start(folder)) {
            requireEnds(intake, way);
        }
    }

    static Stream<Way> ways() {
        return Arrays.stream(Way.values());
    }

    /** The first to ask is heard. */
    @Test
    void shouldBeCancelledWhenYankedAfterwards() throws Exception {
        try (Intake intake = Intake.start(folder)) {
            intake.migration().cancel();
            intake.migration().yank();
            assertEquals(MigrationStatus.CANCELLED, intake.awaitEnd().status());
        }
    }

    @Test
    void shouldStayCompletedWhenStoppedAfterwards() throws Exception {
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            for (byte[] connection : new Source().connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            assertEquals(MigrationStatus.COMPLETED, intake.awaitEnd().status());
            intake.migration().cancel();
            intake.migration().yank();
            assertEquals(
                    MigrationStatus.COMPLETED, intake.migration().progress().status());
        }
    }

    private static void requireEnds(Intake intake, Way way) throws Exception {
        way.action.accept(intake.migration());
        MigrationOutcome outcome = intake.awaitEnd();
        assertEquals(way.end, outcome.status());
        if (way == Way.YANK) {
            assertEquals(
                    "migration must be left to go on: yanked=true",
                    HandOver.cut(outcome.failure().orElseThrow().getMessage()));
        }
        intake.requireUntouched();
    }
}
