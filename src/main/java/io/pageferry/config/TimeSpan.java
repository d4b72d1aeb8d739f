package io.pageferry.config;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as users write them: {@code 500ms}, {@code 30s}, {@code 2m}, {@code 1h}. */
public final class TimeSpan {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})(ms|s|m|h)");

    private TimeSpan() {}

    /**
     * Reads a span of time.
     *
     * @param text a whole number with its unit, ms, s, m or h
     * @return the span, more than zero
     * @throws ConfigException where the text is none, or the span is zero or longer than a year
     */
    public static Duration parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (form.matches()) {
            long count = Long.parseLong(form.group(1));
            Duration span = switch (form.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                default -> Duration.ofHours(count);
            };
            if (!span.isZero() && span.compareTo(Duration.ofDays(365)) <= 0) {
                return span;
            }
        }
        throw new ConfigException(
                "duration must be a whole number with a unit ms, s, m or h, above zero: value=" + text);
    }

    /** Writes a span for people, in the unit that suits its length, such as {@code 850 µs} or {@code 12.3 s}. */
    public static String format(long nanos) {
        if (nanos < 1_000) {
            return nanos + " ns";
        }
        if (nanos < 1_000_000) {
            return decimal(nanos / 1e3) + " µs";
        }
        if (nanos < TimeUnit.SECONDS.toNanos(1)) {
            return decimal(nanos / 1e6) + " ms";
        }
        return decimal(nanos / 1e9) + " s";
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
