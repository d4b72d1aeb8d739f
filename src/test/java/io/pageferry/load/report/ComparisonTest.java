package io.pageferry.load.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.load.LoadException;
import io.pageferry.load.report.Comparison.Verdict;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Statistics;
import io.pageferry.load.result.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ComparisonTest {
    @ParameterizedTest
    @CsvSource({
        "RATE, 2.0, BETTER",
        "RATE, 0.5, WORSE",
        "RATE, 1.0, SAME",
        "RATE, 1.02, SAME",
        "COMPLETION, 2.0, WORSE",
        "COMPLETION, 0.5, BETTER",
        "ROUNDS, 2.0, CHANGED"
    })
    void shouldSayWhichWayAMetricHasChangedWhenItHas(Metric metric, double factor, Verdict verdict) throws Exception {
        Comparison.Row row = single(metric, figures(7, 1), figures(7, factor));
        assertEquals(verdict, row.verdict(), row.toString());
        assertEquals(factor, row.ratio(), 1e-9);
        assertTrue(row.low() <= factor && factor <= row.high(), row.toString());
    }

    @Test
    void shouldSayThatItCannotTellWhenThereAreTooFewTurns() throws Exception {
        assertEquals(
                Verdict.TOO_FEW,
                single(Metric.RATE, figures(3, 1), figures(3, 9)).verdict());
        assertEquals(
                Verdict.BETTER,
                single(Metric.RATE, figures(4, 1), figures(4, 9)).verdict());
    }

    @Test
    void shouldCompareTheOnlyVariantsWhenTheirNamesDiffer() throws Exception {
        Comparison comparison = Comparison.of(
                report(variant("a", Metric.RATE, figures(7, 1))), report(variant("b", Metric.RATE, figures(7, 1))));
        assertEquals("a -> b", comparison.rows().getFirst().variant());
        assertEquals(List.of(), comparison.unmatched());
    }

    @Test
    void shouldNameVariantsThatOneReportHasOnly() throws Exception {
        Report.Variant common = variant("common", Metric.RATE, figures(7, 1));
        Comparison comparison = Comparison.of(
                report(common, variant("old", Metric.RATE, figures(7, 1))),
                report(variant("new", Metric.RATE, figures(7, 1)), common));
        assertEquals(List.of("old", "new"), comparison.unmatched());
        assertEquals(
                List.of("common"),
                comparison.rows().stream().map(Comparison.Row::variant).toList());
    }

    @Test
    void shouldRefuseToCompareWhenThereIsNothingInCommon() {
        Report.Variant extra = variant("extra", Metric.RATE, figures(7, 1));
        Report one = report(variant("a", Metric.RATE, figures(7, 1)), extra);
        Report other = report(variant("b", Metric.RATE, figures(7, 1)));
        assertTrue(assertThrows(LoadException.class, () -> Comparison.of(one, other))
                .getMessage()
                .startsWith("reports must have a scenario in common"));
    }

    @Test
    void shouldNoteWhatElseDiffers() throws Exception {
        Report.Variant before = variant("a", Metric.RATE, figures(7, 1));
        Report.Variant after =
                new Report.Variant("a", Map.of("size", "2M"), before.metrics(), Map.of(), List.of(), before.turns());
        List<String> notes = Comparison.of(report(before), report(after)).notes();
        assertEquals(List.of("a size differs: 1M -> 2M"), notes);
    }

    /** Figures tell of migrations that completed, so these are the same. */
    @Test
    void shouldNoteThatMoreMigrationsFailed() throws Exception {
        Report.Variant before = variant("a", Metric.RATE, figures(7, 1));
        List<Turn> turns = new ArrayList<>(before.turns());
        turns.add(new Turn(8, 0, 1, 0, List.of("lost"), Map.of(), List.of(), List.of(), List.of()));
        Report.Variant after = new Report.Variant("a", before.settings(), before.metrics(), Map.of(), List.of(), turns);
        Comparison comparison = Comparison.of(report(before), report(after));
        assertEquals(List.of("a migrations that failed differs: none -> 1 of 8"), comparison.notes());
    }

    @Test
    void shouldSayThatNothingHasChangedOnlyWhenThatCanBeTold() throws Exception {
        assertTrue(compare(figures(7, 1), figures(7, 1)).isSame());
        assertFalse(compare(figures(7, 1), figures(7, 2)).isSame());
        assertFalse(compare(figures(3, 1), figures(3, 1)).isSame());
    }

    /** Four figures that are all larger than four others would be news, were it not the best of twenty answers. */
    @Test
    void shouldSayThatItCannotTellWhenThereAreTooFewTurnsForSoManyQuestions() throws Exception {
        List<Report.Variant> befores = new ArrayList<>();
        List<Report.Variant> afters = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            befores.add(variant("v" + i, Metric.RATE, figures(4, 1)));
            afters.add(variant("v" + i, Metric.RATE, figures(4, i == 7 ? 9 : 1)));
        }
        Comparison comparison = Comparison.of(
                report(befores.toArray(Report.Variant[]::new)), report(afters.toArray(Report.Variant[]::new)));
        for (Comparison.Row row : comparison.rows()) {
            assertEquals(row.variant().equals("v7") ? Verdict.TOO_FEW : Verdict.SAME, row.verdict(), row.toString());
        }
    }

    private static Comparison compare(List<Double> before, List<Double> after) throws Exception {
        return Comparison.of(report(variant("a", Metric.RATE, before)), report(variant("a", Metric.RATE, after)));
    }

    /**
     * Twenty questions of which none has changed: hardly one must be called a change, though p below 5 % is to be
     * expected.
     */
    @Test
    void shouldNotCallChanceAChangeWhenThereAreManyQuestions() throws Exception {
        // They overlap somewhat: p is 2 % for one question alone.
        List<Double> before = List.of(1.0, 2.0, 3.0, 4.0, 5.5, 6.5, 7.5);
        List<Double> after = List.of(4.5, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0);
        assertTrue(Statistics.mannWhitney(before, after) < 0.05);
        assertEquals(Verdict.BETTER, single(Metric.RATE, before, after).verdict());
        List<Report.Variant> befores = new ArrayList<>(List.of(variant("v", Metric.RATE, before)));
        List<Report.Variant> afters = new ArrayList<>(List.of(variant("v", Metric.RATE, after)));
        for (int i = 0; i < 19; i++) {
            befores.add(variant("v" + i, Metric.RATE, figures(7, 1)));
            afters.add(variant("v" + i, Metric.RATE, figures(7, 1)));
        }
        Comparison comparison = Comparison.of(
                report(befores.toArray(Report.Variant[]::new)), report(afters.toArray(Report.Variant[]::new)));
        assertEquals(20, comparison.rows().size());
        assertTrue(comparison.rows().stream().allMatch(row -> row.verdict() == Verdict.SAME), comparison.toString());
    }

    private static Comparison.Row single(Metric metric, List<Double> before, List<Double> after) throws Exception {
        List<Comparison.Row> rows = Comparison.of(
                        report(variant("a", metric, before)), report(variant("a", metric, after)))
                .rows();
        assertEquals(1, rows.size());
        return rows.getFirst();
    }

    /** Spread by some percent around a middle. */
    private static List<Double> figures(int count, double middle) {
        List<Double> figures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            figures.add(middle * (1 + 0.05 * (i - (count - 1) / 2.0)));
        }
        return figures;
    }

    private static Report.Variant variant(String name, Metric metric, List<Double> figures) {
        List<Turn> turns = new ArrayList<>();
        for (double figure : figures) {
            turns.add(new Turn(
                    turns.size() + 1,
                    0,
                    1,
                    1,
                    List.of(),
                    Map.of(metric.key(), figure),
                    List.of(),
                    List.of(),
                    List.of()));
        }
        return new Report.Variant(name, Map.of("size", "1M"), Map.of(), Map.of(), List.of(), turns);
    }

    private static Report report(Report.Variant... variants) {
        Environment environment = new Environment("1", "c", "j", List.of(), "k", "p", 1, 1, "h", 0);
        return new Report("test", "now", environment, List.of(variants));
    }
}
