package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ConfigException;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EndingTest {
    @Test
    void shouldFailWithTheReasonWhenAPeerOrAFileIsAtFault() {
        Ending ending = Ending.of(new IOException("image must be readable: image=x"));
        assertEquals(1, ending.exitCode());
        assertEquals("failed", ending.json().get("status").asString());
        assertEquals(
                "image must be readable: image=x",
                ending.json().get("error-desc").asString());
    }

    @TestFactory
    Stream<DynamicTest> shouldBlameTheCommandLineWhenASettingCannotBeUsed() {
        return Stream.of(new ConfigException("port must be 0 to 65535"), new InvalidPathException("a\0b", "Nul"))
                .map(failure -> DynamicTest.dynamicTest(failure.getClass().getSimpleName(), () -> {
                    Ending ending = Ending.of(failure);
                    assertEquals(2, ending.exitCode());
                    assertEquals("failed", ending.json().get("status").asString());
                }));
    }

    @TestFactory
    Stream<DynamicTest> shouldBeCancelledWhenItWasInterrupted() {
        return Stream.of(new InterruptedException(), new ClosedByInterruptException())
                .map(interrupt -> DynamicTest.dynamicTest(interrupt.getClass().getSimpleName(), () -> {
                    Ending ending = Ending.of(interrupt);
                    assertEquals(130, ending.exitCode());
                    assertEquals("cancelled", ending.json().get("status").asString());
                    assertFalse(ending.json().has("error-desc"));
                }));
    }

    @Test
    void shouldCallAFaultOfOursByItsName() {
        String description = Ending.describe(new IllegalStateException("lane must be open"));
        assertEquals("internal error: java.lang.IllegalStateException: lane must be open (see --verbose)", description);
    }

    /** One line: that it was cancelled, and who has the guest. */
    @Test
    void shouldSayInOneLineThatItWasCancelledAndWhatCannotBeKnown() {
        MigrationOutcome outcome = new MigrationOutcome(
                MigrationStatus.CANCELLED,
                Optional.of(new IOException("rule: value")),
                new MigrationProgress(new MigrationStats(1)));
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true));
        try {
            Ending.of(outcome, Json.object(), List.of("total time")).print(System.out, "pageferry: send", false, false);
        } finally {
            System.setErr(before);
        }
        assertEquals("pageferry: send: cancelled: rule: value\n", said.toString());
    }

    @Test
    void shouldCallLackOfMemoryWhatItIs() {
        assertEquals(
                "memory must suffice: reason=\"Java heap space\"",
                Ending.describe(new OutOfMemoryError("Java heap space")));
    }

    @Test
    void shouldNameTheKindWhenAFailureHasNoMessage() {
        assertEquals("EOFException", Ending.describe(new java.io.EOFException()));
    }

    @Test
    void shouldStayOneLineWhenAPeerPutsControlCharactersIntoIt() {
        String description =
                Ending.describe(new IOException("block must be known: block=a\npageferry: all is well\033[2J\177"));
        assertEquals("block must be known: block=a\\x0apageferry: all is well\\x1b[2J\\x7f", description);
    }

    @Test
    void shouldKeepTheResultForPeopleToItselfWhenTheMigrationFailed() {
        MigrationOutcome outcome = new MigrationOutcome(
                MigrationStatus.FAILED,
                Optional.of(new IOException("reason")),
                new MigrationProgress(new MigrationStats(1)));
        Ending ending = Ending.of(outcome, Json.object(), List.of("total time"));
        assertEquals(List.of(), ending.lines());
        assertTrue(ending.failure().isPresent());
    }
}
