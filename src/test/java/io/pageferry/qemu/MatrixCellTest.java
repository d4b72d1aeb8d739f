package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which cells there are, which of them CI runs, and how they are told on the page. */
@Timeout(60)
class MatrixCellTest {
    @Test
    void shouldHaveEveryCombinationThatExistsOnce() {
        List<MatrixCell> all = MatrixCell.all();
        assertEquals(all.size(), new HashSet<>(all).size());
        // With multifd: of the 81 that a machine type has as a source, and again as a destination, QEMU 7.2 has a third
        // and two
        // thirds; it has one class of machine types, 10.0 has four and 11.1 has five.
        int multifd = 27 + 54 + (4 + 5) * 2 * 81;
        // On one connection: 9 a machine type, plainly both ways and as a background snapshot one way.
        assertEquals(multifd + (1 + 4 + 5) * 3 * 9, all.size());
    }

    @Test
    void shouldCoverEveryPairOfValuesWithAFewCells() {
        List<MatrixCell> chosen = MatrixCell.covering();
        assertEquals(MatrixCell.covering(), chosen);
        Set<Object> covered = new HashSet<>();
        chosen.forEach(cell -> covered.addAll(cell.pairs()));
        for (MatrixCell cell : MatrixCell.all()) {
            assertTrue(covered.containsAll(cell.pairs()), cell::title);
        }
        assertTrue(chosen.size() <= 32, () -> "too many for CI: " + chosen.size());
    }

    @Test
    void shouldTellWhatPassedFailedWasNotRunAndDoesNotExist() {
        List<MatrixCell> all = MatrixCell.all();
        MatrixCell failed = all.get(3);
        MatrixCell notRun = all.getLast();
        Map<MatrixCell, Boolean> results = new HashMap<>();
        all.forEach(cell -> results.put(cell, cell != failed));
        results.remove(notRun);
        String text = new MatrixTable(results).render("made here");
        assertTrue(text.startsWith(all.size() - 1 + " migrations, 1 of them failed; made here."), text);
        assertEquals(Set.of(failed.title()), MatrixTable.failuresIn(text));
        assertTrue(text.contains(" 2/3 |"), text);
        assertTrue(text.contains(" 14/15, 1 not run |"), text);
        assertTrue(text.contains("| QEMU 7.2 → Pageferry | none | – | 3/3 | – |"), text);
        assertTrue(text.contains("| QEMU 11.1 → Pageferry | 99/99 | 99/99 | 99/99 | 99/99 | 98/99, 1 not run |"), text);
    }

    /** Whatever is on the page, it is about these cells, and says of none that it was run where it cannot be. */
    @Test
    void shouldBeOnThePageAsItIs() throws Exception {
        List<String> expected = new MatrixTable(Map.of()).allRows();
        List<String> rows = MatrixTable.rowsIn(Files.readString(MatrixTable.PAGE));
        assertEquals(shape(expected), shape(rows));
        assertFalse(rows.isEmpty());
    }

    /** What {@code scripts/test-matrix} does when all has been run. */
    @Test
    void shouldTakeThePlaceOfTheTableAndNothingElse() throws Exception {
        Map<MatrixCell, Boolean> results = new HashMap<>();
        MatrixCell.all().forEach(cell -> results.put(cell, true));
        MatrixTable table = new MatrixTable(results);
        String before = Files.readString(MatrixTable.PAGE);
        String after = table.into(before, "made here");
        assertEquals(table.allRows(), MatrixTable.rowsIn(after));
        assertTrue(after.contains(results.size() + " migrations, 0 of them failed; made here."), after);
        assertEquals(around(before), around(after));
    }

    private static String around(String page) {
        return page.replaceFirst("(?s)\\d+ migrations, .*\n(?=<!-- end)", "");
    }

    private static List<String> shape(List<String> rows) {
        return rows.stream()
                .map(row -> row.replaceAll("\\d+(/\\d+)(, \\d+ not run)?", "N$1"))
                .toList();
    }
}
