package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class GlobTest {
    /** Long names, of a certificate of the peer's choice, and rules with which a regular expression takes years. */
    @ParameterizedTest
    @ValueSource(
            strings = {"*a*a*a*a*a*a*a*a*a*a*b", "*aaaaaaaaaaaaaaaab", "**********b", "*?*?*?*?*?*?*?*b", "a*a*a*a*a*b*"
            })
    void shouldTakeStepsInLineWithBothLengthsWhenNothingFits(String pattern) {
        String name = "a".repeat(20_000);
        Glob glob = new Glob(pattern);
        assertFalse(glob.matches(name));
        assertTrue(glob.steps() >= pattern.length(), "steps=" + glob.steps());
        assertTrue(glob.steps() <= 2L * pattern.length() * name.length(), "steps=" + glob.steps());
    }

    @Test
    void shouldMatchWhatARegularExpressionDoes() {
        Random random = new Random(20261130);
        for (int i = 0; i < 100_000; i++) {
            String pattern = word(random, "ab*?", 8);
            String text = word(random, "ab", 10);
            boolean expected = Pattern.matches(pattern.replace("*", ".*").replace("?", "."), text);
            assertEquals(expected, new Glob(pattern).matches(text), pattern + " " + text);
        }
    }

    private static String word(Random random, String letters, int most) {
        StringBuilder word = new StringBuilder();
        for (int length = random.nextInt(most + 1); word.length() < length; ) {
            word.append(letters.charAt(random.nextInt(letters.length())));
        }
        return word.toString();
    }
}
