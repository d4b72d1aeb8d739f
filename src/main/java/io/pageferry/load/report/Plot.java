package io.pageferry.load.report;

import io.pageferry.load.result.Figures;
import java.util.List;

/** A drawing with two axes, into which series are drawn. Belongs to one thread. */
final class Plot {
    private static final int USUAL_WIDTH = 640;
    private static final int WIDE = 1320;
    private static final int HEIGHT = 300;
    /** Room for {@code 100 ms} in the letters that a phone has. */
    private static final int LEFT = 76;

    private static final int RIGHT = 16;
    private static final int TOP = 30;
    private static final int BOTTOM = 46;

    private final int width;
    private final Svg svg;
    private final Axis x;
    private final Axis y;

    /** Points of one kind, in a style of {@link ReportPlots#style}. */
    record Series(String label, String style, List<Point> points) {}

    /** Where something is. */
    record Point(double x, double y) {}

    Plot(String title, Axis x, Axis y) {
        this(USUAL_WIDTH, title, x, y);
    }

    /** One that takes the whole width of a page. */
    static Plot wide(String title, Axis x, Axis y) {
        return new Plot(WIDE, title, x, y);
    }

    private Plot(int width, String title, Axis x, Axis y) {
        this.width = width;
        this.x = x;
        this.y = y;
        svg = new Svg(width, HEIGHT, title);
        for (Axis.Tick tick : y.ticks()) {
            double at = atY(tick.value());
            svg.line("grid", LEFT, at, width - RIGHT, at);
            svg.text("tick", LEFT - 8, at + 4, "end", tick.label());
        }
        for (Axis.Tick tick : x.ticks()) {
            svg.text("tick", atX(tick.value()), HEIGHT - BOTTOM + 18, "middle", tick.label());
        }
        svg.line("axis", LEFT, HEIGHT - BOTTOM, width - RIGHT, HEIGHT - BOTTOM);
        svg.text("label", LEFT - 64, 16, "start", y.label());
        svg.text("label", width - RIGHT, HEIGHT - 6, "end", x.label());
    }

    private double atX(double value) {
        return LEFT + x.position(value) * (width - LEFT - RIGHT);
    }

    private double atY(double value) {
        return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
    }

    Plot curve(Series series) {
        double[] points = new double[2 * series.points().size()];
        for (int i = 0; i < series.points().size(); i++) {
            points[2 * i] = atX(series.points().get(i).x());
            points[2 * i + 1] = atY(series.points().get(i).y());
        }
        svg.path("curve " + series.style(), points, series.label());
        return this;
    }

    Plot dots(Series series, String unit) {
        for (Point point : series.points()) {
            svg.dot(
                    "fill " + series.style(),
                    atX(point.x()),
                    atY(point.y()),
                    3.5,
                    series.label() + ": " + Figures.format(point.y()) + " " + unit);
        }
        return this;
    }

    /** Bars of several series side by side, around each whole number on the x axis. */
    Plot bars(List<Series> all, String unit) {
        double slot = (atX(1) - atX(0)) * 0.8;
        double each = slot / all.size();
        for (int i = 0; i < all.size(); i++) {
            Series series = all.get(i);
            for (Point point : series.points()) {
                double left = atX(point.x()) - slot / 2 + i * each;
                double top = atY(point.y());
                svg.bar(
                        "fill " + series.style(),
                        left + each * 0.04,
                        top,
                        each * 0.92,
                        HEIGHT - BOTTOM - top,
                        series.label() + ": " + Figures.format(point.y()) + " " + unit);
            }
        }
        return this;
    }

    String end() {
        return svg.end();
    }
}
