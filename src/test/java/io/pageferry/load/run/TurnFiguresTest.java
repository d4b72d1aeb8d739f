package io.pageferry.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Turn;
import io.pageferry.load.run.TurnFigures.Done;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TurnFiguresTest {
    private static final long SECOND = SampleTurns.SECOND;
    private static final long PAGES = SampleTurns.PAGES;
    private static final double PAGE_GIGABYTES = PAGES * 4096 / 1e9;

    @Test
    void shouldCountTheTimeThatAMigrationHadToWait() {
        // All are due at once, one after the other is served, a second each.
        List<Done> migrations =
                List.of(SampleTurns.done(0, 0, 1), SampleTurns.done(0, 1, 2), SampleTurns.done(0, 2, 3));
        Turn turn = figures("migrations = 3", migrations).turn(1, 0);
        assertEquals(2_000, turn.metric(Metric.COMPLETION), 1e-6);
        assertEquals(3_000, turn.metric(Metric.COMPLETION_P99), 5);
        Map<String, Histogram> latencies = figures("migrations = 3", migrations).latencies();
        assertEquals(2 * SECOND, latencies.get("wait").getMaxValue(), 0.01 * SECOND);
        assertEquals(SECOND, latencies.get("total-time").getMaxValue(), 0.01 * SECOND);
        assertEquals(3, latencies.get("completion").getTotalCount());
    }

    @Test
    void shouldDivideByTheTimeFromTheFirstStartToTheLastEnd() {
        Turn turn = figures("migrations = 2", List.of(SampleTurns.done(0, 0, 1), SampleTurns.done(2, 3, 4)))
                .turn(1, 0);
        assertEquals(4, turn.seconds(), 1e-9);
        assertEquals(2 * PAGE_GIGABYTES / 4, turn.metric(Metric.RATE), 1e-9);
        assertEquals(0.5, turn.metric(Metric.WIRE_SHARE), 1e-9);
        assertEquals(PAGE_GIGABYTES / 4, turn.metric(Metric.WIRE_RATE), 1e-9);
        assertEquals(List.of(0.25 * 1e9 * PAGE_GIGABYTES, 0.0), turn.channelRates());
    }

    @Test
    void shouldLeaveTheGuestsOwnProcessorTimeOut() {
        Turn turn =
                figures("migrations = 1", List.of(SampleTurns.done(0, 0, 1))).turn(1, 0);
        // 3 s of the source's process, half a second of it the guest's; 2 s of the target's.
        assertEquals(2.5 / PAGE_GIGABYTES, turn.metric(Metric.SOURCE_CPU), 1e-9);
        assertEquals(2 / PAGE_GIGABYTES, turn.metric(Metric.TARGET_CPU), 1e-9);
    }

    @Test
    void shouldBinAllBytesByTime() {
        Turn turn = figures("migrations = 2", List.of(SampleTurns.done(0, 0, 1), SampleTurns.done(0, 1, 2)))
                .turn(1, 0);
        double width = 2.0 / turn.throughput().size();
        double bytes = turn.throughput().stream()
                .mapToDouble(point -> point.value() * width)
                .sum();
        assertEquals(2 * 0.5 * PAGES * 4096, bytes, 1e4);
        assertTrue(turn.throughput().stream().allMatch(point -> point.value() > 0));
        assertEquals(2, turn.throughput().getLast().seconds(), width);
    }

    @Test
    void shouldHaveNoFiguresWhenNothingCompleted() {
        Turn turn = new TurnFigures(
                        SampleTurns.scenario("migrations = 1"), List.of(), List.of("no"), Duration.ZERO, Duration.ZERO)
                .turn(1, 0);
        assertEquals(0, turn.completed());
        assertEquals(List.of("no"), turn.errors());
        assertFalse(turn.metrics().containsKey("rate"));
        assertTrue(Double.isNaN(turn.metric(Metric.RATE)));
    }

    private static TurnFigures figures(String line, List<Done> migrations) {
        return new TurnFigures(
                SampleTurns.scenario(line), migrations, List.of(), Duration.ofSeconds(3), Duration.ofSeconds(2));
    }
}
