package io.pageferry.load.report;

import io.pageferry.load.result.Metric;
import java.util.Map;

/** The part of a page that has its plots, each with what it shows. One thread's. */
final class PlotSection {
    private static final Map<String, String> LATENCIES = Map.of(
            "completion", "From when a migration was due to its end, waiting included",
            "wait", "From when a migration was due to its beginning",
            "total-time", "From the first connection to the end",
            "setup", "Until all connections were there",
            "downtime", "For which guests stood still",
            "hand-off", "From a batch being handed over to its channel beginning with it",
            "packet-write", "Writing one packet with its pages",
            "sync", "From asking all channels for a sync to the last one's answer");

    private final PageContent content;
    private final StringBuilder page = new StringBuilder();

    private PlotSection(PageContent content) {
        this.content = content;
    }

    static String html(PageContent content) {
        PlotSection section = new PlotSection(content);
        section.plots();
        return section.page.toString();
    }

    private void plots() {
        ReportPlots plots = new ReportPlots(content.result(), content.labels());
        if (content.scenarios() > 1) {
            page.append("<p class=\"legend\">");
            for (int i = 0; i < content.scenarios(); i++) {
                page.append("<span>")
                        .append(PageContent.key(i))
                        .append(content.label(i))
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
}
