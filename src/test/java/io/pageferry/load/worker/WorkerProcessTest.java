package io.pageferry.load.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.load.LoadException;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@LeakFree
class WorkerProcessTest {
    @TempDir
    private Path folder;

    @Test
    void shouldSayHowAWorkerEndedThatDidNotStart() throws Exception {
        List<String> worker = List.of("sh", "-c", "exit 3");
        LoadException refused =
                assertThrows(LoadException.class, () -> WorkerProcess.start(List.of(), worker, folder, "source"));
        assertEquals(
                "load worker must start: reason=\"process must greet before it ends: exit-code=3\" command=setsid sh"
                        + " -c exit 3 "
                        + folder.resolve("source"),
                refused.getMessage());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
