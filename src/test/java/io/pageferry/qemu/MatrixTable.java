package io.pageferry.qemu;

import io.pageferry.config.MultifdCompression;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.qemu.MatrixCell.Direction;
import io.pageferry.qemu.MatrixCell.StreamKind;
import io.pageferry.qemu.MatrixCell.Tls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The matrix as the page on compatibility has it: a row for direction, version and TLS, a column for codec and zero
 * pages; then the same cells by machine types. Each place counts what has passed of what exists.
 *
 * @param passed the cells that were run, and whether they passed
 */
record MatrixTable(Map<MatrixCell, Boolean> passed) {
    /** The page that has the table. */
    static final Path PAGE = Path.of("src/site/markdown/compatibility.md");

    private static final String BEGIN = "<!-- matrix: made by scripts/test-matrix -->";
    private static final String END = "<!-- end of matrix -->";
    private static final String DOES_NOT_EXIST = "–";
    private static final String FAILED = "- failed: ";

    /** A page with this table in place of the one that it had. */
    String into(String page, String made) {
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        return page.substring(0, begin) + "\n" + render(made) + page.substring(page.indexOf(END));
    }

    /** The cells that a page says have failed, by their titles. */
    static Set<String> failuresIn(String page) {
        Set<String> titles = new HashSet<>();
        page.lines()
                .filter(line -> line.startsWith(FAILED))
                .forEach(line -> titles.add(line.substring(FAILED.length())));
        return titles;
    }

    /** The lines of a page's tables, without heads. */
    static List<String> rowsIn(String page) {
        return page.substring(page.indexOf(BEGIN), page.indexOf(END))
                .lines()
                .filter(line -> line.startsWith("| ") && line.contains("Pageferry"))
                .toList();
    }

    String render(String made) {
        StringBuilder text = new StringBuilder();
        long failed = passed.values().stream().filter(ok -> !ok).count();
        text.append("%d migrations, %d of them failed; %s.%n%n".formatted(passed.size(), failed, made));
        text.append("| | TLS |");
        columns().forEach(column -> text.append(" ").append(column.title()).append(" |"));
        text.append("\n|---|---|").append("---|".repeat(columns().size())).append("\n");
        rows().forEach(row -> text.append(row).append("\n"));
        text.append("\nThe same by machine types (`pc-i440fx-…`):\n\n| |");
        for (MachineClass machine : MachineClass.values()) {
            text.append(" ").append(machine.title()).append(" |");
        }
        text.append("\n|---|")
                .append("---|".repeat(MachineClass.values().length))
                .append("\n");
        machineRows().forEach(row -> text.append(row).append("\n"));
        text.append("\n");
        passed.entrySet().stream()
                .filter(entry -> !entry.getValue())
                .map(entry -> entry.getKey().title())
                .sorted()
                .forEach(title -> text.append(FAILED).append(title).append("\n"));
        return text.toString();
    }

    List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (QemuVersion version : QemuVersion.values()) {
                for (Tls tls : Tls.values()) {
                    StringBuilder row =
                            new StringBuilder("| " + direction.title(version) + " | " + MatrixCell.word(tls) + " |");
                    for (Column column : columns()) {
                        row.append(" ")
                                .append(count(cell -> cell.direction() == direction
                                        && cell.version() == version
                                        && cell.tls() == tls
                                        && column.has(cell)))
                                .append(" |");
                    }
                    rows.add(row.toString());
                }
            }
        }
        return rows;
    }

    /** The second table's: a row for direction and version, a column for a class of machine types. */
    List<String> machineRows() {
        List<String> rows = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (QemuVersion version : QemuVersion.values()) {
                StringBuilder row = new StringBuilder("| " + direction.title(version) + " |");
                for (MachineClass machine : MachineClass.values()) {
                    row.append(" ")
                            .append(count(cell -> cell.direction() == direction
                                    && cell.version() == version
                                    && cell.machine() == machine))
                            .append(" |");
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }

    /** All rows, in the order of the page. */
    List<String> allRows() {
        List<String> all = new ArrayList<>(rows());
        all.addAll(machineRows());
        return all;
    }

    private String count(Predicate<MatrixCell> place) {
        List<MatrixCell> cells = MatrixCell.all().stream().filter(place).toList();
        if (cells.isEmpty()) {
            return DOES_NOT_EXIST;
        }
        long run = cells.stream().filter(passed::containsKey).count();
        long good =
                cells.stream().filter(cell -> passed.getOrDefault(cell, false)).count();
        String notRun = run == cells.size() ? "" : ", " + (cells.size() - run) + " not run";
        return good + "/" + cells.size() + notRun;
    }

    private record Column(StreamKind stream, MultifdCompression codec, ZeroPageDetection zeroPages) {
        static Column of(MatrixCell cell) {
            return new Column(cell.stream(), cell.codec(), cell.zeroPages());
        }

        String title() {
            return stream == StreamKind.MULTIFD
                    ? codec.qemuName() + ", " + zeroPages.qemuName()
                    : MatrixCell.word(stream);
        }

        boolean has(MatrixCell cell) {
            return of(cell).equals(this);
        }
    }

    private static List<Column> columns() {
        return MatrixCell.all().stream()
                .map(Column::of)
                .distinct()
                .sorted(Comparator.comparing(Column::stream)
                        .thenComparing(Column::codec)
                        .thenComparing(Column::zeroPages))
                .toList();
    }
}
