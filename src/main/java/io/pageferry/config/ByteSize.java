package io.pageferry.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;

/** Sizes in bytes as QEMU writes them: a number with an optional suffix k, M, G, T, P or E, powers of 1024. */
public final class ByteSize {
    private static final String SUFFIXES = "kMGTPE";
    private static final Pattern NUMBER = Pattern.compile("\\d{1,19}(\\.\\d{1,19})?");

    private ByteSize() {}

    /**
     * Reads a size.
     *
     * @param text such as {@code 512M}, {@code 1.5G} or {@code 4096}; the suffix's case does not matter
     * @return the size in bytes, not negative
     * @throws ConfigException where the text is not a size, or not a whole number of bytes that fits 63 bits
     */
    public static long parse(String text) {
        String number = text.strip();
        int power = 0;
        if (!number.isEmpty()) {
            char last = number.charAt(number.length() - 1);
            int suffix = SUFFIXES.toLowerCase(Locale.ROOT).indexOf(Character.toLowerCase(last));
            if (suffix >= 0) {
                power = suffix + 1;
                number = number.substring(0, number.length() - 1);
            }
        }
        try {
            if (!NUMBER.matcher(number).matches()) {
                throw new NumberFormatException(number);
            }
            long bytes = new BigDecimal(number)
                    .multiply(BigDecimal.valueOf(1L << (10 * power)))
                    .longValueExact();
            return bytes;
        } catch (ArithmeticException | NumberFormatException e) {
            throw new ConfigException(
                    "size must be a number of bytes with an optional suffix k, M, G, T, P or E: value=" + text);
        }
    }

    /** Writes a size for people: two decimals at most and the largest suffix that fits, such as {@code 1.5 GiB}. */
    public static String format(long bytes) {
        if (Math.abs(bytes) < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int power = 0;
        while (Math.abs(value) >= 1024 && power < SUFFIXES.length()) {
            value /= 1024;
            power++;
        }
        String digits = String.format(Locale.ROOT, "%.2f", value).replaceFirst("\\.?0+$", "");
        return digits + " " + Character.toUpperCase(SUFFIXES.charAt(power - 1)) + "iB";
    }
}
