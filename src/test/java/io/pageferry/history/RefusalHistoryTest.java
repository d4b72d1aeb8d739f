package io.pageferry.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RefusalHistoryTest {
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void shouldKnowTheLastOnesAfterARestart() throws Exception {
        Path file = folder.resolve("refusals");
        RefusalHistory before = RefusalHistory.in(file);
        Refusal first = new Refusal(NOON, "10.0.0.1:5", Optional.of(new UUID(1, 2)), "store", "no \"room\"\nat all");
        Refusal second = new Refusal(NOON.plusSeconds(1), "", Optional.empty(), "gathering", "later");
        before.add(first);
        before.add(second);
        assertEquals(List.of(second, first), RefusalHistory.in(file).newest(10));
        assertEquals(List.of(second), RefusalHistory.in(file).newest(1));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void shouldStayBoundedInMemoryAndOnDisk() throws Exception {
        Path file = folder.resolve("refusals");
        RefusalHistory history = RefusalHistory.in(file);
        for (int i = 0; i < 5 * RefusalHistory.MOST; i++) {
            history.add(new Refusal(NOON.plusSeconds(i), "", Optional.empty(), "store", "number " + i));
        }
        assertEquals(RefusalHistory.MOST, history.newest(Integer.MAX_VALUE).size());
        assertTrue(Files.readAllLines(file).size() <= 2 * RefusalHistory.MOST);
        assertEquals(history.newest(Integer.MAX_VALUE), RefusalHistory.in(file).newest(Integer.MAX_VALUE));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void shouldLeaveOutWhatIsNoneOfItsOwn() throws Exception {
        Path file = folder.resolve("refusals");
        Refusal whole = new Refusal(NOON, "peer", Optional.empty(), "store", "whole");
        Files.writeString(file, """
                nonsense
                [1, 2
                {"time": "noon", "peer": "", "reason": "", "message": ""}
                {"time": "2026-01-02T12:00:00Z", "peer": 7, "reason": "", "message": ""}
                {"time": "2026-01-02T12:00:00Z", "uuid": "x", "peer": "", "reason": "", "message": ""}
                """ + whole.toJson() + "\n{\"time\": \"2026");
        assertEquals(List.of(whole), RefusalHistory.in(file).newest(10));
    }

    @Test
    void shouldGoOnInMemoryWhereItsFileCannotBeWritten() {
        RefusalHistory history = RefusalHistory.in(folder.resolve("missing").resolve("refusals"));
        Refusal one = new Refusal(NOON, "", Optional.empty(), "store", "one");
        history.add(one);
        assertEquals(List.of(one), history.newest(10));
    }

    @Test
    void shouldNotFollowALink() throws Exception {
        Path other = Files.writeString(folder.resolve("other"), "somebody else's");
        Path link = Files.createSymbolicLink(folder.resolve("refusals"), other);
        RefusalHistory.in(link).add(new Refusal(NOON, "", Optional.empty(), "store", "one"));
        assertEquals("somebody else's", Files.readString(other));
    }
}
