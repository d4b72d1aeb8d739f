package io.pageferry.load.report;

import io.pageferry.config.ByteSize;
import io.pageferry.load.Setting;
import io.pageferry.load.result.Figures;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Turn;

/** The tables that a page ends with: all turns, all settings, where it ran. One thread's. */
final class DetailTables {
    private final PageContent content;
    private final StringBuilder page = new StringBuilder();

    private DetailTables(PageContent content) {
        this.content = content;
    }

    static String html(PageContent content) {
        DetailTables tables = new DetailTables(content);
        tables.turns();
        tables.settings();
        tables.environment();
        return tables.page.toString();
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
        for (int i = 0; i < content.scenarios(); i++) {
            LoadResult.Variant variant = content.result().variants().get(i);
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
        page.append("<tr><td>").append(name).append("</td><td>").append(content.label(variant));
        for (Metric metric : Metric.values()) {
            page.append("</td><td>").append(Figures.format(turn.metric(metric)));
        }
        page.append("</td><td>").append(turn.errors().size()).append("</td></tr>\n");
    }

    private void settings() {
        page.append(
                "<details><summary>Scenarios</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th>setting</th>");
        content.labels()
                .forEach(label -> page.append("<th>").append(Html.escape(label)).append("</th>"));
        page.append("<th>what it is</th></tr></thead>\n<tbody>\n");
        for (Setting setting : Setting.values()) {
            page.append("<tr><th>").append(setting.key()).append("</th>");
            for (Report.Variant variant : content.report().variants()) {
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
        Environment environment = content.report().environment();
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
