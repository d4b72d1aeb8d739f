package io.pageferry.cli;

import io.pageferry.load.report.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code load --compare} says: for people a table, for scripts the same. */
final class ComparisonEnding {
    private ComparisonEnding() {}

    static Ending of(Comparison comparison) {
        ObjectNode json = Json.object().put("status", "completed");
        ArrayNode rows = json.putArray("metrics");
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-16s %10s %10s %-5s %7s  %-14s %8s  %s",
                "metric",
                "before",
                "after",
                "",
                "ratio",
                "95 % sure",
                "p",
                "verdict"));
        String variant = "";
        for (Comparison.Row row : comparison.rows()) {
            if (!row.variant().equals(variant)) {
                variant = row.variant();
                lines.add(variant);
            }
            lines.add(line(row));
            rows.addPOJO(row);
        }
        if (comparison.isSame()) {
            lines.add("nothing has changed beyond the noise");
        }
        comparison.unmatched().forEach(name -> lines.add("only in one of them: " + name));
        comparison.notes().forEach(lines::add);
        comparison.unmatched().forEach(json.putArray("unmatched")::add);
        comparison.notes().forEach(json.putArray("notes")::add);
        return Ending.completed(json, lines);
    }

    private static String line(Comparison.Row row) {
        return String.format(
                Locale.ROOT,
                "  %-14s %10.4g %10.4g %-5s %7.3f  %-14s %8.4f  %s",
                row.metric(),
                row.before(),
                row.after(),
                row.unit(),
                row.ratio(),
                String.format(Locale.ROOT, "%.3f to %.3f", row.low(), row.high()),
                row.p(),
                row.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
}
