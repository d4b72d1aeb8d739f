package io.pageferry.load.run;

import io.pageferry.load.Scenario;
import io.pageferry.load.ScenarioFile;
import io.pageferry.load.result.Histograms;
import io.pageferry.load.result.Turn;
import io.pageferry.load.run.TurnFigures.Done;
import io.pageferry.load.worker.Sent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Turns as they could have been, of migrations with figures that a test knows. */
public final class SampleTurns {
    static final long SECOND = 1_000_000_000L;
    static final long PAGES = 250_000;
    private static final long BASE = 50 * SECOND;

    private final TurnFigures figures;

    private SampleTurns(TurnFigures figures) {
        this.figures = figures;
    }

    /** Two migrations, both due at once, which take so many seconds, one after the other. */
    public static SampleTurns ofTwoMigrations(double seconds) {
        return new SampleTurns(new TurnFigures(
                scenario("migrations = 2"),
                List.of(done(0, 0, seconds), done(0, seconds, 2 * seconds)),
                List.of(),
                Duration.ofSeconds(3),
                Duration.ofSeconds(2)));
    }

    /** One migration, which failed. */
    public static SampleTurns ofOneThatFailed(String error) {
        return new SampleTurns(
                new TurnFigures(scenario("migrations = 1"), List.of(), List.of(error), Duration.ZERO, Duration.ZERO));
    }

    public Turn turn(int number, long startEpochMillis) {
        return figures.turn(number, startEpochMillis);
    }

    public Map<String, Histogram> latencies() {
        return figures.latencies();
    }

    static Scenario scenario(String... lines) {
        return ScenarioFile.parse("test", List.of(lines), List.of()).getFirst();
    }

    /** A migration that was due, began and ended at these seconds. */
    static Done done(double due, double start, double end) {
        long from = BASE + (long) (start * SECOND);
        long to = BASE + (long) (end * SECOND);
        long wire = PAGES * 4096 / 2;
        Histogram latency = Histograms.create();
        for (int i = 1; i <= 10; i++) {
            Histograms.record(latency, i * 1_000_000L);
        }
        Sent sent = new Sent(
                null,
                from,
                to,
                to - from,
                1_000,
                2_000_000,
                wire,
                PAGES - 1_000,
                1_000,
                0,
                SECOND / 2,
                List.of(wire, 0L),
                List.of(new Turn.Round(PAGES - 10, wire - 100), new Turn.Round(10, 100)),
                List.of(new Sent.Sample(from, 0), new Sent.Sample(to, wire)),
                Map.of("hand-off", Histograms.encode(latency)));
        return new Done(BASE + (long) (due * SECOND), sent);
    }
}
