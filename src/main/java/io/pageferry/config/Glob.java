package io.pageferry.config;

/**
 * A pattern in which {@code *} stands for any characters, or none, and {@code ?} for one. Matching takes as many steps
 * as pattern and text have characters, multiplied, at the most: a regular expression for the same would try as many
 * ways as there are to share the text out among the stars. Used by one thread.
 */
final class Glob {
    private final String pattern;
    private long steps;

    Glob(String pattern) {
        this.pattern = pattern;
    }

    boolean matches(String text) {
        int p = 0;
        int t = 0;
        int star = -1; // the last one so far: an earlier one never has to take more, as this one can take it instead
        int afterStar = 0; // where what follows that was last tried
        while (t < text.length()) {
            steps++;
            char wanted = p < pattern.length() ? pattern.charAt(p) : 0;
            if (p < pattern.length() && wanted == '*') {
                star = p++;
                afterStar = t;
            } else if (p < pattern.length() && (wanted == '?' || wanted == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++afterStar;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            steps++;
            p++;
        }
        return p == pattern.length();
    }

    /** How many characters were looked at so far. */
    long steps() {
        return steps;
    }
}
