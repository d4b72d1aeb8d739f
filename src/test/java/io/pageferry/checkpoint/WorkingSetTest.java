package io.pageferry.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.WorkingSet.Entry;
import io.pageferry.memory.RamLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(10)
class WorkingSetTest {
    private static final RamLayout LAYOUT =
            new RamLayout(4096, List.of("pc.ram", "pc.bios"), new long[] {100 * 4096, 4096});
    private static final int FIRST_BLOCK = 12;
    private static final int ENTRIES = FIRST_BLOCK + 1 + 6 + 8 + 1 + 7 + 8;
    private static final int FIRST_ENTRY = ENTRIES + 4;

    private static final WorkingSet SET =
            WorkingSet.of(List.of(new Entry(5, 0, 99), new Entry(6, 1, 0), new Entry(7, 0, 3)));

    @Test
    void shouldBeTheSameWhenReadAgain() throws Exception {
        assertEquals(SET, WorkingSet.parse(SET.toBytes(LAYOUT), LAYOUT));
        assertEquals(WorkingSet.NONE, WorkingSet.parse(WorkingSet.NONE.toBytes(LAYOUT), LAYOUT));
    }

    @Test
    void shouldHaveEachPageOnceByWhenItWasAskedForFirst() {
        WorkingSet other = WorkingSet.of(List.of(new Entry(1, 0, 3), new Entry(6, 0, 4), new Entry(9, 1, 0)));
        assertEquals(
                List.of(new Entry(1, 0, 3), new Entry(5, 0, 99), new Entry(6, 1, 0), new Entry(6, 0, 4)),
                SET.and(other, LAYOUT).entries());
    }

    @Test
    void shouldKeepTheFirstWhereThereAreTooMany() {
        List<Entry> many = Collections.nCopies(WorkingSet.MAX_ENTRIES + 1, new Entry(1, 0, 1));
        assertEquals(WorkingSet.MAX_ENTRIES, WorkingSet.of(many).entries().size());
        assertTrue(WorkingSet.of(many).toBytes(LAYOUT).length <= WorkingSet.MAX_BYTES);
    }

    private static Arguments row(String what, Consumer<ByteBuffer> damage, String line) {
        return Arguments.of(what, damage, line);
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                row("magic", bytes -> bytes.putLong(0, 1), "working set must begin with its magic"),
                row("fewer blocks", bytes -> bytes.putInt(8, 1), "working set must be of the same guest"),
                row(
                        "another name",
                        bytes -> bytes.put(FIRST_BLOCK + 1, (byte) 'q'),
                        "working set must be of the same guest"),
                row(
                        "another length of a block",
                        bytes -> bytes.putLong(FIRST_BLOCK + 7, 101),
                        "working set must be of the same guest"),
                row("a negative count", bytes -> bytes.putInt(ENTRIES, -1), "working set must be whole"),
                row("a count of too many", bytes -> bytes.putInt(ENTRIES, 4), "working set must be whole"),
                row(
                        "a count of far too many",
                        bytes -> bytes.putInt(ENTRIES, 0x1000_0003),
                        "working set must be whole"),
                row(
                        "a block that there is none of",
                        bytes -> bytes.putInt(FIRST_ENTRY + 4, 2),
                        "working set must have pages that there are"),
                row(
                        "a negative block",
                        bytes -> bytes.putInt(FIRST_ENTRY + 4, -1),
                        "working set must have pages that there are"),
                row(
                        "a page behind its block",
                        bytes -> bytes.putLong(FIRST_ENTRY + 8, 100),
                        "working set must have pages that there are"),
                row(
                        "a negative page",
                        bytes -> bytes.putLong(FIRST_ENTRY + 8, -1),
                        "working set must have pages that there are"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void shouldRefuseWhatIsDamaged(String what, Consumer<ByteBuffer> damage, String line) {
        byte[] bytes = SET.toBytes(LAYOUT);
        damage.accept(ByteBuffer.wrap(bytes));
        assertEquals(
                line,
                assertThrows(CheckpointException.class, () -> WorkingSet.parse(bytes, LAYOUT))
                        .getMessage());
    }

    @Test
    void shouldRefuseWhatIsNotWholeWhereverItEnds() {
        byte[] bytes = SET.toBytes(LAYOUT);
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThrows(CheckpointException.class, () -> WorkingSet.parse(part, LAYOUT), "length=" + length);
        }
    }
}
