package io.pageferry.load.report;

import io.pageferry.load.result.Figures;
import io.pageferry.load.result.Statistics;
import java.util.List;

/**
 * Rows of dots on one line each, with the median as a mark: how figures lie, for as many variants as there are.
 * Stateless.
 */
final class StripPlot {
    private static final int WIDTH = 640;
    private static final int LEFT = 16;
    private static final int RIGHT = 16;
    private static final int TOP = 8;
    private static final int ROW = 50;
    private static final int BOTTOM = 40;

    private StripPlot() {}

    /** A row: a variant's figures. */
    record Row(String label, String style, List<Double> figures) {}

    /** A row of parts that add up: a stacked bar. */
    record Stack(String label, String style, List<Double> parts) {}

    static String dots(String title, String unit, List<Row> rows) {
        double most = rows.stream()
                .flatMap(row -> row.figures().stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        Axis axis = Axis.linear(unit, most);
        Svg svg = frame(title, axis, rows.size());
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            double y = TOP + i * ROW + 34;
            double median = Statistics.median(row.figures());
            svg.text("row", LEFT, y - 15, "start", row.label());
            svg.text("value", WIDTH - RIGHT, y - 15, "end", Figures.format(median) + " " + unit);
            svg.line("grid", LEFT, y, WIDTH - RIGHT, y);
            for (double figure : row.figures()) {
                svg.dot("soft " + row.style(), atX(axis, figure), y, 5, Figures.format(figure) + " " + unit);
            }
            svg.line("median " + row.style(), atX(axis, median), y - 9, atX(axis, median), y + 9);
        }
        return svg.end();
    }

    static String stacks(String title, String unit, List<String> parts, List<Stack> rows) {
        double most = rows.stream()
                .mapToDouble(row ->
                        row.parts().stream().mapToDouble(Double::doubleValue).sum())
                .max()
                .orElse(1);
        Axis axis = Axis.linear(unit, most);
        Svg svg = frame(title, axis, rows.size());
        for (int i = 0; i < rows.size(); i++) {
            Stack row = rows.get(i);
            double y = TOP + i * ROW + 34;
            StringBuilder values = new StringBuilder();
            double from = 0;
            for (int part = 0; part < row.parts().size(); part++) {
                double value = row.parts().get(part);
                String said = parts.get(part) + " " + Figures.format(value);
                values.append(part == 0 ? "" : " + ").append(Figures.format(value));
                double left = atX(axis, from);
                svg.bar(
                        "fill part" + part + " " + row.style(),
                        left,
                        y - 7,
                        Math.max(0, atX(axis, from + value) - left - 2),
                        14,
                        said + " " + unit);
                from += value;
            }
            svg.text("row", LEFT, y - 15, "start", row.label());
            svg.text("value", WIDTH - RIGHT, y - 15, "end", values + " " + unit);
        }
        return svg.end();
    }

    private static Svg frame(String title, Axis axis, int rows) {
        int bottom = TOP + rows * ROW;
        Svg svg = new Svg(WIDTH, bottom + BOTTOM, title);
        for (Axis.Tick tick : axis.ticks()) {
            svg.line("grid", atX(axis, tick.value()), TOP + 18, atX(axis, tick.value()), bottom);
            svg.text("tick", atX(axis, tick.value()), bottom + 16, anchor(axis, tick), tick.label());
        }
        svg.text("label", WIDTH - RIGHT, bottom + 34, "end", axis.label());
        return svg;
    }

    /** The outermost names stay within the drawing. */
    private static String anchor(Axis axis, Axis.Tick tick) {
        double at = axis.position(tick.value());
        return at < 0.01 ? "start" : at > 0.99 ? "end" : "middle";
    }

    private static double atX(Axis axis, double value) {
        return LEFT + axis.position(value) * (WIDTH - LEFT - RIGHT);
    }
}
