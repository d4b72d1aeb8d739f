package io.pageferry.load.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;

/**
 * One axis of a plot.
 *
 * @param label what it shows, with its unit
 * @param scale from values to 0, where it begins, and 1, where it ends
 * @param ticks the values that are named
 */
record Axis(String label, DoubleUnaryOperator scale, List<Tick> ticks) {
    private static final int WANTED_TICKS = 5;
    private static final double[] NINES = {0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999};

    /** A value that is named. */
    record Tick(double value, String label) {}

    double position(double value) {
        return Math.clamp(scale.applyAsDouble(value), 0, 1);
    }

    /** From zero to a round number above the most. */
    static Axis linear(String label, double most) {
        double top = most > 0 ? most : 1;
        double step = niceStep(top / WANTED_TICKS);
        double end = Math.ceil(top / step - 1e-9) * step;
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i * step <= end + step / 2; i++) {
            ticks.add(new Tick(i * step, number(i * step, step)));
        }
        return new Axis(label, value -> value / end, ticks);
    }

    /** Whole numbers, so many of them, each with room around it. */
    static Axis counts(String label, int first, int count) {
        int step = Math.max(1, (int) Math.ceil(count / 12.0));
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i < count; i += step) {
            ticks.add(new Tick(first + i, "" + (first + i)));
        }
        return new Axis(label, value -> (value - first + 0.5) / count, ticks);
    }

    /** Powers of ten around all values, each above zero. */
    static Axis logarithmic(String label, double least, double most, DoubleFunction<String> name) {
        int from = (int) Math.floor(Math.log10(least) + 1e-9);
        int to = Math.max(from + 1, (int) Math.ceil(Math.log10(most) - 1e-9));
        List<Tick> ticks = new ArrayList<>();
        for (int power = from; power <= to; power++) {
            ticks.add(new Tick(Math.pow(10, power), name.apply(Math.pow(10, power))));
        }
        return new Axis(label, value -> (Math.log10(Math.max(value, 1e-12)) - from) / (to - from), ticks);
    }

    /** Shares below one, by the number of their nines: what is rare has as much room as what is common. */
    static Axis percentiles(String label, double most) {
        double end = Math.max(1, -Math.log10(1 - Math.min(most, 0.9999995)));
        List<Tick> ticks = new ArrayList<>();
        for (double nines : NINES) {
            if (-Math.log10(1 - nines) <= end + 1e-9) {
                ticks.add(new Tick(nines, percent(nines)));
            }
        }
        return new Axis(label, value -> -Math.log10(1 - Math.min(value, 0.9999999)) / end, ticks);
    }

    private static String percent(double share) {
        String digits = String.format(Locale.ROOT, "%.4f", share * 100);
        return digits.replaceFirst("0+$", "").replaceFirst("\\.$", "");
    }

    static String nanos(double nanos) {
        if (nanos < 1e3) {
            return trim(nanos) + " ns";
        }
        if (nanos < 1e6) {
            return trim(nanos / 1e3) + " µs";
        }
        if (nanos < TimeUnit.SECONDS.toNanos(1)) {
            return trim(nanos / 1e6) + " ms";
        }
        return trim(nanos / 1e9) + " s";
    }

    private static String trim(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static double niceStep(double rough) {
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double digit = rough / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    private static String number(double value, double step) {
        int decimals = Math.clamp((int) Math.ceil(-Math.log10(step) - 1e-9), 0, 6);
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
