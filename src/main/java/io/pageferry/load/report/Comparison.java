package io.pageferry.load.report;

import io.pageferry.load.LoadException;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says what has changed from one report to another beyond the noise.
 *
 * <p>Each metric's figures, one a turn, are compared by the Mann-Whitney test, which supposes nothing about how they
 * are distributed; as many metrics are compared at once, p-values are adjusted so that of what is called a change one
 * in twenty is chance at the most (Benjamini and Hochberg). By how much it has changed is the ratio of the medians, and
 * how sure that is says its 95 % confidence interval, by bootstrap. A change is what both agree on.
 *
 * @param rows every metric of every variant that both have
 * @param unmatched variants that one of them has only
 * @param notes what differs between the reports beside their figures
 */
public record Comparison(List<Row> rows, List<String> unmatched, List<String> notes) {
    private static final double SIGNIFICANCE = 0.05;

    /** What is said of a metric. */
    public enum Verdict {
        BETTER,
        WORSE,
        /** Neither good nor bad, as such. */
        CHANGED,
        SAME,
        /** There are too few turns, for so many questions: however far apart they lay, it could not be told. */
        TOO_FEW
    }

    /**
     * A metric of a variant.
     *
     * @param before the median in the first report
     * @param after in the second
     * @param ratio after by before, with its confidence
     * @param p the chance that figures lie so far apart if nothing has changed, adjusted for the number of questions
     */
    public record Row(
            String variant,
            String metric,
            String unit,
            double before,
            double after,
            double ratio,
            double low,
            double high,
            double p,
            Verdict verdict) {}

    private record Question(String variant, Metric metric, List<Double> before, List<Double> after) {}

    /** Whether no figure lies farther from its predecessor than noise alone would have it, as far as can be told. */
    public boolean isSame() {
        return rows.stream().allMatch(row -> row.verdict() == Verdict.SAME);
    }

    /** Compares two reports; variants are matched by name, and where each has only one, those two. */
    public static Comparison of(Report before, Report after) throws LoadException {
        List<Question> questions = new ArrayList<>();
        List<String> unmatched = new ArrayList<>();
        boolean single = before.variants().size() == 1 && after.variants().size() == 1;
        Map<String, Report.Variant> remaining = new TreeMap<>();
        after.variants().forEach(variant -> remaining.put(variant.name(), variant));
        for (Report.Variant one : before.variants()) {
            Report.Variant other = single ? after.variants().getFirst() : remaining.get(one.name());
            if (other == null) {
                unmatched.add(one.name());
                continue;
            }
            remaining.remove(other.name());
            String name = one.name().equals(other.name()) ? one.name() : one.name() + " -> " + other.name();
            for (Metric metric : Metric.values()) {
                if (!one.figures(metric).isEmpty() && !other.figures(metric).isEmpty()) {
                    questions.add(new Question(name, metric, one.figures(metric), other.figures(metric)));
                }
            }
        }
        unmatched.addAll(remaining.keySet());
        if (questions.isEmpty()) {
            throw new LoadException("reports must have a scenario in common: scenarios=" + unmatched);
        }
        return new Comparison(answer(questions), unmatched, notes(before, after));
    }

    /** The same within one report: each variant against the first. */
    static Comparison within(Report report) {
        List<Question> questions = new ArrayList<>();
        Report.Variant first = report.variants().getFirst();
        for (Report.Variant other :
                report.variants().subList(1, report.variants().size())) {
            for (Metric metric : Metric.values()) {
                if (!first.figures(metric).isEmpty() && !other.figures(metric).isEmpty()) {
                    questions.add(new Question(other.name(), metric, first.figures(metric), other.figures(metric)));
                }
            }
        }
        return new Comparison(answer(questions), List.of(), List.of());
    }

    private static List<Row> answer(List<Question> questions) {
        double[] p = questions.stream()
                .mapToDouble(question -> Statistics.mannWhitney(question.before(), question.after()))
                .toArray();
        double[] adjusted = Statistics.falseDiscoveryRate(p);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            rows.add(row(questions.get(i), p[i], adjusted[i]));
        }
        return rows;
    }

    private static Row row(Question question, double alone, double p) {
        Statistics.Estimate ratio = Statistics.ratioOfMedians(question.before(), question.after());
        return new Row(
                question.variant(),
                question.metric().key(),
                question.metric().unit(),
                Statistics.median(question.before()),
                Statistics.median(question.after()),
                ratio.value(),
                ratio.low(),
                ratio.high(),
                p,
                verdict(question, ratio, alone, p));
    }

    /**
     * Says what has become of a metric.
     *
     * @param alone the p-value, were this the only question
     */
    private static Verdict verdict(Question question, Statistics.Estimate ratio, double alone, double p) {
        double least = Statistics.leastPossible(
                question.before().size(), question.after().size());
        // As far apart as so few can lie, and still no news among so many questions.
        boolean untold = p >= SIGNIFICANCE && alone <= least;
        if (least >= SIGNIFICANCE || untold) {
            return Verdict.TOO_FEW;
        }
        if (!(p < SIGNIFICANCE && (ratio.low() > 1 || ratio.high() < 1))) {
            return Verdict.SAME;
        }
        boolean more = ratio.value() > 1;
        return switch (question.metric().better()) {
            case HIGHER -> more ? Verdict.BETTER : Verdict.WORSE;
            case LOWER -> more ? Verdict.WORSE : Verdict.BETTER;
            case NEITHER -> Verdict.CHANGED;
        };
    }

    private static List<String> notes(Report before, Report after) {
        List<String> notes = new ArrayList<>();
        Environment a = before.environment();
        Environment b = after.environment();
        note(notes, "commit", a.commit(), b.commit());
        note(notes, "JDK", a.jdk(), b.jdk());
        note(notes, "kernel", a.kernel(), b.kernel());
        note(notes, "processor", a.processor(), b.processor());
        note(notes, "processors", "" + a.processors(), "" + b.processors());
        note(notes, "memory", "" + a.memoryBytes(), "" + b.memoryBytes());
        for (Report.Variant one : before.variants()) {
            after.variants().stream()
                    .filter(other -> other.name().equals(one.name()))
                    .forEach(other -> note(notes, one, other));
        }
        return notes;
    }

    /** Figures are of migrations that completed: that more failed does not show in any of them. */
    private static void note(List<String> notes, Report.Variant one, Report.Variant other) {
        one.settings()
                .forEach((key, value) -> note(
                        notes, one.name() + " " + key, value, other.settings().get(key)));
        note(notes, one.name() + " migrations that failed", one.failures(), other.failures());
    }

    private static void note(List<String> notes, String what, String before, String after) {
        if (!String.valueOf(before).equals(String.valueOf(after))) {
            notes.add(what + " differs: " + before + " -> " + after);
        }
    }
}
