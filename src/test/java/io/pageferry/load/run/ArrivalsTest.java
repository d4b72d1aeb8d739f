package io.pageferry.load.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.load.ScenarioFile;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ArrivalsTest {
    @Test
    void shouldBeDueAllAtOnceWhenThereIsNoRate() {
        assertArrayEquals(new long[3], arrivals("migrations = 3"));
    }

    @Test
    void shouldBeDueEvenlyWhenArrivalsAreFixed() {
        assertArrayEquals(
                new long[] {0, 250_000_000, 500_000_000, 750_000_000}, arrivals("migrations = 4", "arrival-rate = 4"));
    }

    /** Gaps of a Poisson process are exponential: the mean is 1 / rate, and 63 % of them are shorter than that. */
    @Test
    void shouldBeDueAtRandomWhenArrivalsArePoisson() {
        long[] due = arrivals("migrations = 20000", "arrival-rate = 100", "arrivals = poisson");
        long[] gaps = IntStream.range(1, due.length)
                .mapToLong(i -> due[i] - due[i - 1])
                .toArray();
        double mean = Arrays.stream(gaps).average().orElseThrow();
        assertEquals(10e6, mean, 0.3e6);
        double shorter = Arrays.stream(gaps).filter(gap -> gap < 10_000_000).count() / (double) gaps.length;
        assertEquals(1 - Math.exp(-1), shorter, 0.02);
        assertTrue(Arrays.stream(gaps).allMatch(gap -> gap >= 0));
    }

    @Test
    void shouldBeDueAtTheSameTimesWhenTheSeedIsTheSame() {
        String[] poisson = {"migrations = 50", "arrival-rate = 10", "arrivals = poisson", "seed = 7"};
        assertArrayEquals(arrivals(poisson), arrivals(poisson));
        poisson[3] = "seed = 8";
        assertFalse(Arrays.equals(
                arrivals(poisson), arrivals("migrations = 50", "arrival-rate = 10", "arrivals = poisson", "seed = 7")));
    }

    private static long[] arrivals(String... lines) {
        return Arrivals.of(ScenarioFile.parse("test", List.of(lines), List.of()).getFirst());
    }
}
