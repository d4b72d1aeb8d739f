package io.pageferry.load.result;

import java.util.Locale;

/** How figures are written for people: three digits that count. */
public final class Figures {
    private Figures() {}

    /** A count in thousands or millions, such as {@code 10k}. */
    public static String count(double value) {
        if (value >= 1e6) {
            return String.format(Locale.ROOT, "%.0fM", value / 1e6);
        }
        return value >= 1e3
                ? String.format(Locale.ROOT, "%.0fk", value / 1e3)
                : format(value).replaceFirst("\\.0+$", "");
    }

    /** How many decimals a ratio needs to be told from 1: two, unless it is nearer to it than that. */
    public static int ratioDecimals(double ratio) {
        double off = Math.abs(ratio - 1);
        return off >= 0.005 ? 2 : off >= 0.0005 ? 3 : 4;
    }

    public static String format(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        double size = Math.abs(value);
        if (size == 0 || size >= 100) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        int decimals = size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
