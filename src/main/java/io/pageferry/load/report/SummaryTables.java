package io.pageferry.load.report;

import io.pageferry.load.result.Figures;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Metric;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** The tables that a page begins with: scenarios by their metrics, and beside the first of them. One thread's. */
final class SummaryTables {
    private static final List<Metric> HEADLINES = List.of(
            Metric.RATE,
            Metric.COMPLETION,
            Metric.COMPLETION_P99,
            Metric.DOWNTIME,
            Metric.SOURCE_CPU,
            Metric.TARGET_CPU);

    private final PageContent content;
    private final boolean titled;
    private final List<Metric> headlines;
    private final StringBuilder page = new StringBuilder();

    private SummaryTables(PageContent content, boolean titled) {
        this.content = content;
        this.titled = titled;
        this.headlines = HEADLINES.stream()
                .filter(metric -> content.report().variants().stream()
                        .anyMatch(variant -> variant.metrics().containsKey(metric.key())))
                .toList();
    }

    /**
     * Writes them.
     *
     * @param titled whether something else stands before them
     */
    static String html(PageContent content, boolean titled) {
        SummaryTables tables = new SummaryTables(content, titled);
        tables.headlines();
        if (content.scenarios() > 1) {
            tables.comparison();
        }
        return tables.page.toString();
    }

    private void headlines() {
        page.append("<section>\n").append(titled ? "<h2>What happened</h2>\n" : "");
        page.append("<div class=\"scroll\"><table class=\"headlines\">\n<thead><tr><th>scenario</th>");
        headlines.forEach(metric -> page.append("<th title=\"")
                .append(Html.escape(metric.meaning()))
                .append("\">")
                .append(metric.key())
                .append("<small>")
                .append(metric.unit())
                .append("</small></th>"));
        page.append(content.result().failed() > 0 ? "<th>failed</th>" : "").append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < content.scenarios(); i++) {
            Report.Variant variant = content.report().variants().get(i);
            page.append("<tr><th>")
                    .append(PageContent.key(i))
                    .append(content.label(i))
                    .append("</th>");
            for (Metric metric : headlines) {
                page.append("<td>").append(spread(variant, metric)).append("</td>");
            }
            page.append(content.result().failed() > 0 ? "<td>" + variant.failures() + "</td>" : "")
                    .append("</tr>\n");
        }
        page.append("</tbody></table></div>\n<p class=\"note\">Medians over ")
                .append(range(variant -> variant.turns().size()))
                .append(" turns, and below them least to most; ")
                .append(range(variant -> variant.warmUp().size()))
                .append(" before them for warm-up did not count. ")
                .append(content.result().failed() > 0 ? "What failed has no figures. " : "")
                .append("A GB is 10⁹ bytes. Point at a column's head to see what it is.</p>\n</section>\n");
    }

    /** Scenarios of several files may each have numbers of their own. */
    private String range(ToIntFunction<LoadResult.Variant> count) {
        IntSummaryStatistics counts =
                content.result().variants().stream().mapToInt(count).summaryStatistics();
        return counts.getMin() == counts.getMax() ? "" + counts.getMin() : counts.getMin() + " to " + counts.getMax();
    }

    private static String spread(Report.Variant variant, Metric metric) {
        Report.Spread spread = variant.metrics().get(metric.key());
        if (spread == null) {
            return "–";
        }
        return "<b>" + Figures.format(spread.median()) + "</b><small>" + Figures.format(spread.least()) + " to "
                + Figures.format(spread.most()) + "</small>";
    }

    private void comparison() {
        Comparison comparison = Comparison.within(content.report());
        page.append("<section>\n<h2>Beside ")
                .append(content.label(0))
                .append("</h2>\n<div class=\"scroll\"><table class=\"headlines\">\n<thead><tr><th>scenario</th>");
        List<Metric> metrics = new ArrayList<>(headlines);
        metrics.add(Metric.WIRE_SHARE);
        metrics.forEach(metric -> page.append("<th>").append(metric.key()).append("</th>"));
        page.append("</tr></thead>\n<tbody>\n");
        for (int i = 1; i < content.scenarios(); i++) {
            String name = content.report().variants().get(i).name();
            page.append("<tr><th>")
                    .append(PageContent.key(i))
                    .append(content.label(i))
                    .append("</th>");
            for (Metric metric : metrics) {
                page.append(comparison.rows().stream()
                        .filter(row ->
                                row.variant().equals(name) && row.metric().equals(metric.key()))
                        .findFirst()
                        .map(SummaryTables::ratio)
                        .orElse("<td>–</td>"));
            }
            page.append("</tr>\n");
        }
        page.append("</tbody></table></div>\n<p class=\"note\">Medians as a multiple of the first scenario's, ")
                .append("and their 95 % confidence. Coloured is what differs beyond the noise; turns alternated.");
        if (comparison.rows().stream().anyMatch(row -> row.verdict() == Comparison.Verdict.TOO_FEW)) {
            page.append(" Some cannot be told from noise for want of turns: there must be four, better seven, ")
                    .append("and more where much is compared.");
        }
        page.append("</p>\n</section>\n");
    }

    private static String ratio(Comparison.Row row) {
        if (Double.isNaN(row.ratio()) || row.before() == 0) {
            return "<td>–</td>";
        }
        String verdict = row.verdict().name().toLowerCase(Locale.ROOT);
        boolean changed = row.verdict() != Comparison.Verdict.SAME && row.verdict() != Comparison.Verdict.TOO_FEW;
        int decimals = changed ? Figures.ratioDecimals(row.ratio()) : 2;
        String pattern = "<td class=\"%s\" title=\"p = %.4f\"><b>%.2f ×</b><small>%.2f to %.2f</small></td>"
                .replace("%.2f", "%." + decimals + "f");
        return String.format(Locale.ROOT, pattern, verdict, row.p(), row.ratio(), row.low(), row.high());
    }
}
