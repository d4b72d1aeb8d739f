package io.pageferry.load.report;

import java.util.Locale;

/**
 * Collects the elements of one drawing. Numbers have one decimal, which is finer than a screen. Belongs to one thread.
 */
final class Svg {
    private final StringBuilder text = new StringBuilder();

    Svg(int width, int height, String title) {
        text.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                width,
                height,
                Html.escape(title)));
    }

    Svg line(String cssClass, double x1, double y1, double x2, double y2) {
        return add("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", cssClass, x1, y1, x2, y2);
    }

    /** Text that is anchored at its start, middle or end. */
    Svg text(String cssClass, double x, double y, String anchor, String what) {
        return add(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                cssClass, x, y, anchor, Html.escape(what));
    }

    /** A bar, with what it says to who points at it. */
    Svg bar(String cssClass, double x, double y, double width, double height, String title) {
        return add(
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s</title></rect>%n",
                cssClass, x, y, width, Math.max(0, height), Html.escape(title));
    }

    Svg dot(String cssClass, double x, double y, double radius, String title) {
        return add(
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s</title></circle>%n",
                cssClass, x, y, radius, Html.escape(title));
    }

    /** A line through points, given as x y x y…. */
    Svg path(String cssClass, double[] points, String title) {
        StringBuilder d = new StringBuilder();
        for (int i = 0; i < points.length; i += 2) {
            d.append(String.format(Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : "L", points[i], points[i + 1]));
        }
        return add("<path class=\"%s\" d=\"%s\"><title>%s</title></path>%n", cssClass, d, Html.escape(title));
    }

    private Svg add(String pattern, Object... values) {
        text.append(String.format(Locale.ROOT, pattern, values));
        return this;
    }

    String end() {
        return text.append("</svg>\n").toString();
    }
}
