package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.FaultyDisk;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.TestJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever the disk refuses, and wherever the process ends: an image and its sidecar are the new ones or the old ones.
 */
@LeakFree
@Timeout(180)
class CommitFaultTest {
    /** What a shell says of a process that SIGKILL has ended. */
    private static final int KILLED = 128 + 9;

    @TempDir
    Path output;

    private Path folder;
    private FaultyDisk disk;

    @BeforeEach
    void build() throws Exception {
        disk = FaultyDisk.build(output);
        folder = Files.createDirectory(output.resolve("images"));
    }

    @Test
    void shouldHaveOldImageWhenOneStepFails() throws Exception {
        runToItsEnd("refuse");
    }

    @Test
    void shouldPutThingsRightWhenTheDiskIsGoneFromAnyStepOn() throws Exception {
        runToItsEnd("die");
    }

    private void runToItsEnd(String what) throws Exception {
        try (ChildProcess process = start(what, folder)) {
            assertEquals(0, process.awaitExit(), process.toString());
            long steps = Long.parseLong(process.stdout().text().strip().replace("steps=", ""));
            assertTrue(steps > 5L * CommitCase.Case.values().length, process.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NEW_WITH_SIDECAR", "SIDECAR_INSTEAD_OF_SIDECAR"})
    void shouldPutThingsRightWhenTheProcessIsKilledAtAnyStep(CommitCase.Case which) throws Exception {
        int exit = KILLED;
        for (int step = 1; exit == KILLED; step++) {
            String when = which + " step=" + step;
            which.story.begin(folder);
            try (ChildProcess process = start("kill", folder, which, step)) {
                exit = process.awaitExit();
                assertTrue(exit == 0 || exit == KILLED, when + ": " + process);
            }
            which.story.requireNoMixture(folder, when);
            Leftovers.remove(CommitCase.image(folder));
            which.story.requireEither(folder, when);
        }
        which.story.requireAfter(folder, "at the end");
    }

    private ChildProcess start(Object... arguments) throws Exception {
        return ChildProcess.start(
                "commit", output, output, disk.environment(), TestJvm.command(CommitOnFaultyDisk.class, arguments));
    }
}
