package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.LeakFree;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is interrupted at a file has been interrupted: there is nothing wrong with the file. */
@LeakFree
@Timeout(30)
class InterruptedFileTest {
    @TempDir
    Path folder;

    private Path image;

    @BeforeEach
    void interrupt() throws Exception {
        image = GoldenImage.write(folder.resolve("image"));
        Thread.currentThread().interrupt();
    }

    /** The JUnit threads are for other tests too. */
    @AfterEach
    void endInterrupt() {
        Thread.interrupted();
    }

    @Test
    void shouldEndByInterruptWhenAnImageIsOpened() {
        assertThrows(
                ClosedByInterruptException.class,
                () -> Image.open(image, 0, 1 << 30, false).close());
        assertTrue(Thread.interrupted());
    }

    @Test
    void shouldEndByInterruptAndLeaveNothingWhenTheStartOfAFileIsKept() throws Exception {
        assertThrows(
                ClosedByInterruptException.class,
                () -> PendingFile.create(image, 1 << 20).close());
        assertTrue(Thread.interrupted());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(image), files.toList());
        }
    }
}
