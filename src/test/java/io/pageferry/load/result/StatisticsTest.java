package io.pageferry.load.result;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Expected values can be counted by hand, or are those that R's {@code wilcox.test} and {@code p.adjust} define. */
@Timeout(30)
class StatisticsTest {
    private static final List<Double> LOW = numbers(1, 2, 3, 4, 5, 6, 7);
    private static final List<Double> HIGH = numbers(11, 12, 13, 14, 15, 16, 17);

    @Test
    void shouldTakeTheMiddleForTheMedian() {
        assertEquals(3, Statistics.median(numbers(5, 1, 3)));
        assertEquals(2.5, Statistics.median(numbers(4, 1, 2, 3)));
        assertEquals(Double.NaN, Statistics.median(List.of()));
        assertEquals(1.75, Statistics.quantile(numbers(1, 2, 3, 4), 0.25));
    }

    /** Of the 20 orders of three and three, one each way is as extreme as this. */
    @Test
    void shouldCountOrdersWhenFiguresAreFew() {
        assertEquals(2 / 20.0, Statistics.mannWhitney(numbers(1, 2, 3), numbers(4, 5, 6)), 1e-12);
        assertEquals(2 / 3432.0, Statistics.mannWhitney(LOW, HIGH), 1e-12);
        assertEquals(2 / 3432.0, Statistics.mannWhitney(HIGH, LOW), 1e-12);
        // U = 1 of 9: two orders are at most as extreme, each way.
        assertEquals(4 / 20.0, Statistics.mannWhitney(numbers(1, 2, 4), numbers(3, 5, 6)), 1e-12);
    }

    @Test
    void shouldSayNothingWhenFiguresAreTheSame() {
        assertEquals(1, Statistics.mannWhitney(LOW, LOW), 1e-6);
        assertEquals(1, Statistics.mannWhitney(numbers(2, 2, 2), numbers(2, 2, 2)));
        assertEquals(1, Statistics.mannWhitney(List.of(), LOW));
    }

    /** With ties the normal approximation counts: U = 0.5 of 9, variance 5.1, continuity corrected. */
    @Test
    void shouldAllowForTiesWhenThereAreAny() {
        assertEquals(0.12118, Statistics.mannWhitney(numbers(1, 2, 3), numbers(3, 4, 5)), 1e-4);
    }

    /** Two groups out of one and the same distribution differ at 5 % once in twenty times. */
    @Test
    void shouldRaiseFalseAlarmsAsOftenAsItSays() {
        RandomGenerator random =
                RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create(1);
        long alarms = IntStream.range(0, 4_000)
                .filter(i -> Statistics.mannWhitney(random(random, 10), random(random, 10)) < 0.05)
                .count();
        assertEquals(0.043, alarms / 4_000.0, 0.015);
    }

    @Test
    void shouldBeSureOfTheRatioWhenFiguresLieFarApart() {
        Statistics.Estimate ratio = Statistics.ratioOfMedians(LOW, HIGH);
        assertEquals(14 / 4.0, ratio.value());
        assertTrue(ratio.low() > 1 && ratio.low() < ratio.value() && ratio.value() < ratio.high(), ratio.toString());
        assertEquals(ratio, Statistics.ratioOfMedians(LOW, HIGH));
    }

    @Test
    void shouldNotBeSureOfTheRatioWhenFiguresOverlap() {
        Statistics.Estimate ratio = Statistics.ratioOfMedians(LOW, numbers(1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5));
        assertTrue(ratio.low() < 1 && ratio.high() > 1, ratio.toString());
    }

    @Test
    void shouldAllowForTheNumberOfQuestions() {
        assertArrayEquals(
                new double[] {0.02, 0.04, 0.04, 0.02},
                Statistics.falseDiscoveryRate(new double[] {0.01, 0.04, 0.03, 0.005}),
                1e-12);
        assertArrayEquals(new double[] {0.03}, Statistics.falseDiscoveryRate(new double[] {0.03}), 1e-12);
        assertEquals(0, Statistics.falseDiscoveryRate(new double[0]).length);
    }

    @Test
    void shouldKnowWhatSoManyFiguresCanSayAtTheMost() {
        assertEquals(2 / 20.0, Statistics.leastPossible(3, 3), 1e-12);
        assertEquals(2 / 70.0, Statistics.leastPossible(4, 4), 1e-12);
    }

    private static List<Double> numbers(double... values) {
        return DoubleStream.of(values).boxed().toList();
    }

    private static List<Double> random(RandomGenerator random, int count) {
        return random.doubles(count).boxed().toList();
    }
}
