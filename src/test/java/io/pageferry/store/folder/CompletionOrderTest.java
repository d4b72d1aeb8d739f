package io.pageferry.store.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.store.StoreException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class CompletionOrderTest {
    @TempDir
    Path folder;

    @Test
    void shouldCountOn() throws Exception {
        CompletionOrder order = CompletionOrder.open(folder, 0);
        for (long i = 1; i <= 3L * CompletionOrder.BLOCK; i++) {
            assertEquals(i, order.next());
        }
    }

    /** Images that had the numbers may all be gone. */
    @Test
    void shouldGiveNoNumberTwiceWhenItIsOpenedAgain() throws Exception {
        long last = 0;
        for (int i = 0; i < 5; i++) {
            CompletionOrder order = CompletionOrder.open(folder, 0);
            for (int j = 0; j < CompletionOrder.BLOCK + 1; j++) {
                long next = order.next();
                assertTrue(next > last, next + " after " + last);
                last = next;
            }
        }
    }

    @Test
    void shouldBeginBehindTheImagesWhenItsFileIsOfAnOlderStore() throws Exception {
        CompletionOrder.open(folder, 0);
        assertEquals(1_000_001, CompletionOrder.open(folder, 1_000_000).next());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "-5",
                "0",
                "4503599627370496",
                "9223372036854775807",
                "99999999999999999999999999999999999999999"
            })
    void shouldGoByTheImagesWhenItsFileIsDamaged(String content) throws Exception {
        Files.writeString(folder.resolve("order"), content);
        assertEquals(43, CompletionOrder.open(folder, 42).next());
    }

    @Test
    void shouldSaySoWhenNumbersAreUsedUp() throws Exception {
        CompletionOrder order = CompletionOrder.open(folder, CheckpointFacts.MAX_ORDER);
        assertThrows(StoreException.class, order::next);
    }

    @Test
    void shouldWriteThroughNoLink() throws Exception {
        Path foreign = Files.writeString(folder.resolve("foreign"), "somebody else's");
        Files.createSymbolicLink(folder.resolve(".order.part"), foreign);
        assertEquals(1, CompletionOrder.open(folder, 0).next());
        assertEquals("somebody else's", Files.readString(foreign));
        assertTrue(Files.isRegularFile(folder.resolve("order"), LinkOption.NOFOLLOW_LINKS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fifo", "link"})
    void shouldGoByTheImagesWhenItsFileIsNone(String kind) throws Exception {
        Path file = folder.resolve("order");
        if (kind.equals("fifo")) {
            assertEquals(
                    0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
        } else {
            Files.createSymbolicLink(file, Files.writeString(folder.resolve("foreign"), "1000"));
        }
        assertEquals(43, CompletionOrder.open(folder, 42).next());
    }
}
