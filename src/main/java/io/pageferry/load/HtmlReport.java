package io.pageferry.load;

import io.pageferry.config.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Writes the page of a report: one file, no scripts, nothing to be fetched. Belongs to one thread. */
final class HtmlReport {
    private static final List<Metric> HEADLINES = List.of(
            Metric.RATE,
            Metric.COMPLETION,
            Metric.COMPLETION_P99,
            Metric.DOWNTIME,
            Metric.SOURCE_CPU,
            Metric.TARGET_CPU);

    private static final Map<String, String> LATENCIES = Map.of(
            "completion", "From when a migration was due to its end, waiting included",
            "wait", "From when a migration was due to its beginning",
            "total-time", "From the first connection to the end",
            "setup", "Until all connections were there",
            "downtime", "For which guests stood still",
            "hand-off", "From a batch being handed over to its channel beginning with it",
            "packet-write", "Writing one packet with its pages",
            "sync", "From asking all channels for a sync to the last one's answer");

    private final Report report;
    private final LoadResult result;
    private final String section;
    private final List<Metric> headlines;
    private final List<String> labels;
    private final StringBuilder page = new StringBuilder();

    HtmlReport(Report report, LoadResult result) {
        this(report, result, "");
    }

    /** One with a section of somebody else's, in HTML, before its own. */
    HtmlReport(Report report, LoadResult result, String section) {
        this.section = section;
        this.report = report;
        this.result = result;
        this.headlines = HEADLINES.stream()
                .filter(metric -> report.variants().stream()
                        .anyMatch(variant -> variant.metrics().containsKey(metric.key())))
                .toList();
        this.labels =
                labels(report.variants().stream().map(Report.Variant::name).toList());
    }

    /** What tells variants apart: a matrix's have their file's name in front, which says nothing. */
    static List<String> labels(List<String> names) {
        String first = names.getFirst();
        int plus = first.indexOf('+');
        String prefix = plus < 0 ? "" : first.substring(0, plus + 1);
        boolean shared =
                names.size() > 1 && !prefix.isEmpty() && names.stream().allMatch(name -> name.startsWith(prefix));
        return names.stream()
                .map(name -> (shared ? name.substring(prefix.length()) : name).replace('+', ' '))
                .toList();
    }

    String html() throws IOException {
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(Html.escape(report.name()))
                .append(" – Pageferry load test</title>\n<style>\n")
                .append(resource("report.css"))
                .append("</style>\n</head>\n<body>\n<main>\n");
        head();
        page.append(section);
        headlines();
        if (labels.size() > 1) {
            comparison();
        }
        if (result.completed() > 0) {
            plots();
        }
        turns();
        settings();
        environment();
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void head() {
        Environment environment = report.environment();
        page.append("<header><h1>").append(Html.escape(report.name())).append("</h1>\n<p class=\"sub\">");
        page.append(Html.escape(String.join(
                " · ",
                report.created().replace('T', ' '),
                "commit " + environment.commit(),
                environment.processors() + " processors, " + environment.processor(),
                "JDK " + environment.jdk(),
                "Linux " + environment.kernel())));
        page.append("</p>\n");
        if (result.failed() > 0) {
            page.append("<p class=\"alarm\">")
                    .append(result.failed())
                    .append(result.failed() == 1 ? " migration failed: " : " migrations failed: ");
            page.append(Html.escape(firstError())).append("</p>\n");
        }
        page.append("</header>\n");
    }

    private String firstError() {
        return result.variants().stream()
                .flatMap(variant -> variant.turns().stream())
                .flatMap(turn -> turn.errors().stream())
                .findFirst()
                .orElse("");
    }

    private void headlines() {
        page.append("<section>\n").append(section.isEmpty() ? "" : "<h2>What happened</h2>\n");
        page.append("<div class=\"scroll\"><table class=\"headlines\">\n<thead><tr><th>scenario</th>");
        headlines.forEach(metric -> page.append("<th title=\"")
                .append(Html.escape(metric.meaning()))
                .append("\">")
                .append(metric.key())
                .append("<small>")
                .append(metric.unit())
                .append("</small></th>"));
        page.append(result.failed() > 0 ? "<th>failed</th>" : "").append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < labels.size(); i++) {
            Report.Variant variant = report.variants().get(i);
            page.append("<tr><th>")
                    .append(key(i))
                    .append(Html.escape(labels.get(i)))
                    .append("</th>");
            for (Metric metric : headlines) {
                page.append("<td>").append(spread(variant, metric)).append("</td>");
            }
            page.append(result.failed() > 0 ? "<td>" + variant.failures() + "</td>" : "")
                    .append("</tr>\n");
        }
        page.append("</tbody></table></div>\n<p class=\"note\">Medians over ")
                .append(range(variant -> variant.turns().size()))
                .append(" turns, and below them least to most; ")
                .append(range(variant -> variant.warmUp().size()))
                .append(" before them for warm-up did not count. ")
                .append(result.failed() > 0 ? "What failed has no figures. " : "")
                .append("A GB is 10⁹ bytes. Point at a column's head to see what it is.</p>\n</section>\n");
    }

    /** Scenarios of several files may each have numbers of their own. */
    private String range(ToIntFunction<LoadResult.Variant> count) {
        IntSummaryStatistics counts = result.variants().stream().mapToInt(count).summaryStatistics();
        return counts.getMin() == counts.getMax() ? "" + counts.getMin() : counts.getMin() + " to " + counts.getMax();
    }

    private static String key(int variant) {
        return "<i class=\"key " + ReportPlots.style(variant) + "\"></i>";
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
        Comparison comparison = Comparison.within(report);
        page.append("<section>\n<h2>Beside ")
                .append(Html.escape(labels.getFirst()))
                .append("</h2>\n<div class=\"scroll\"><table class=\"headlines\">\n<thead><tr><th>scenario</th>");
        List<Metric> metrics = new ArrayList<>(headlines);
        metrics.add(Metric.WIRE_SHARE);
        metrics.forEach(metric -> page.append("<th>").append(metric.key()).append("</th>"));
        page.append("</tr></thead>\n<tbody>\n");
        for (int i = 1; i < labels.size(); i++) {
            String name = report.variants().get(i).name();
            page.append("<tr><th>")
                    .append(key(i))
                    .append(Html.escape(labels.get(i)))
                    .append("</th>");
            for (Metric metric : metrics) {
                page.append(comparison.rows().stream()
                        .filter(row ->
                                row.variant().equals(name) && row.metric().equals(metric.key()))
                        .findFirst()
                        .map(HtmlReport::ratio)
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

    private void plots() {
        ReportPlots plots = new ReportPlots(result, labels);
        if (labels.size() > 1) {
            page.append("<p class=\"legend\">");
            for (int i = 0; i < labels.size(); i++) {
                page.append("<span>")
                        .append(key(i))
                        .append(Html.escape(labels.get(i)))
                        .append("</span>");
            }
            page.append("</p>\n");
        }
        page.append("<section class=\"plots\">\n");
        figure("Rate", Metric.RATE.meaning() + ". A dot a turn, the mark is the median.", plots.strip(Metric.RATE));
        figure("Completion", Metric.COMPLETION.meaning() + ".", plots.strip(Metric.COMPLETION));
        if (plots.has(Metric.DOWNTIME)) {
            figure("Downtime", Metric.DOWNTIME.meaning() + ".", plots.strip(Metric.DOWNTIME));
        }
        figure(
                "Processor time a GB",
                "Of pages moved: source + target, the latter lighter; the guest's own is left out.",
                plots.processorTime());
        page.append("</section>\n<section class=\"plots\">\n");
        figure(
                "wide",
                "Throughput over time",
                "All channels; of each scenario the turn of median rate.",
                plots.throughput());
        figure("Dirty pages a round", "Of the first migration of the same turn.", plots.rounds());
        figure("Rate a channel", "Over all migrations of the same turn.", plots.channels());
        page.append("</section>\n<h2>Latency by percentile</h2>\n<section class=\"plots\">\n");
        for (String metric : plots.latencyMetrics()) {
            figure(metric, LATENCIES.getOrDefault(metric, "") + ".", plots.latency(metric));
        }
        page.append("</section>\n");
    }

    private void figure(String title, String caption, String svg) {
        figure("", title, caption, svg);
    }

    private void figure(String cssClass, String title, String caption, String svg) {
        page.append("<figure class=\"")
                .append(cssClass)
                .append("\">\n<figcaption><b>")
                .append(Html.escape(title))
                .append("</b> ")
                .append(Html.escape(caption))
                .append("</figcaption>\n")
                .append(svg)
                .append("</figure>\n");
    }

    private void turns() {
        page.append("<details><summary>All turns</summary>\n<div class=\"scroll\"><table class=\"turns\">\n");
        page.append("<thead><tr><th>turn</th><th>scenario</th>");
        for (Metric metric : Metric.values()) {
            page.append("<th>")
                    .append(metric.key())
                    .append("<small>")
                    .append(metric.unit())
                    .append("</small></th>");
        }
        page.append("<th>failed</th></tr></thead>\n<tbody>\n");
        for (int i = 0; i < labels.size(); i++) {
            LoadResult.Variant variant = result.variants().get(i);
            for (Turn turn : variant.warmUp()) {
                turn("warm-up", i, turn);
            }
            for (Turn turn : variant.turns()) {
                turn("" + turn.number(), i, turn);
            }
        }
        page.append("</tbody></table></div></details>\n");
    }

    private void turn(String name, int variant, Turn turn) {
        page.append("<tr><td>").append(name).append("</td><td>").append(Html.escape(labels.get(variant)));
        for (Metric metric : Metric.values()) {
            page.append("</td><td>").append(Figures.format(turn.metric(metric)));
        }
        page.append("</td><td>").append(turn.errors().size()).append("</td></tr>\n");
    }

    private void settings() {
        page.append(
                "<details><summary>Scenarios</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th>setting</th>");
        labels.forEach(label -> page.append("<th>").append(Html.escape(label)).append("</th>"));
        page.append("<th>what it is</th></tr></thead>\n<tbody>\n");
        for (Setting setting : Setting.values()) {
            page.append("<tr><th>").append(setting.key()).append("</th>");
            for (Report.Variant variant : report.variants()) {
                String value = variant.settings().get(setting.key());
                page.append(value.equals(setting.standard()) ? "<td class=\"faint\">" : "<td>")
                        .append(Html.escape(value))
                        .append("</td>");
            }
            page.append("<td class=\"what\">")
                    .append(Html.escape(setting.meaning()))
                    .append("</td></tr>\n");
        }
        page.append("</tbody></table></div></details>\n");
    }

    private void environment() {
        Environment environment = report.environment();
        page.append("<details><summary>Where it ran</summary>\n<table><tbody>\n");
        row("Pageferry", environment.version() + ", commit " + environment.commit());
        row("JDK", environment.jdk());
        row("JVM's flags", String.join(" ", environment.jvmFlags()));
        row("kernel", "Linux " + environment.kernel());
        row("processors", environment.processors() + " × " + environment.processor());
        row("memory", ByteSize.format(environment.memoryBytes()));
        row("transparent huge pages", environment.hugePages());
        row("load average before", Figures.format(environment.loadAverage()));
        page.append("</tbody></table></details>\n");
    }

    private void row(String name, String value) {
        page.append("<tr><th>")
                .append(Html.escape(name))
                .append("</th><td>")
                .append(Html.escape(value))
                .append("</td></tr>\n");
    }
}
