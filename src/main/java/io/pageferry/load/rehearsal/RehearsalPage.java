package io.pageferry.load.rehearsal;

import io.pageferry.load.rehearsal.RehearsalReport.Measured;
import io.pageferry.load.rehearsal.RehearsalReport.Row;
import java.util.Locale;

/** A rehearsal's part of a load test's page: each setting's forecast, and beside it what then happened. */
final class RehearsalPage {
    private final StringBuilder html = new StringBuilder();

    private RehearsalPage() {}

    static String section(RehearsalReport report) {
        RehearsalPage page = new RehearsalPage();
        page.write(report);
        return page.html.toString();
    }

    private void write(RehearsalReport report) {
        html.append("<section>\n<h2>Rehearsal</h2>\n<p class=\"sub\">");
        text(String.format(
                Locale.ROOT,
                "Guest of %.2f GiB, %.1f %% zero; %s.",
                report.guest().bytes() / (double) (1L << 30),
                report.guest().zeroShare() * 100,
                report.best()
                        .map(row -> "best: " + row.name() + ", " + report.reason())
                        .orElse(report.reason())));
        if (report.note() != null) {
            text(" Not run: " + report.note() + ".");
        }
        html.append("</p>\n<div class=\"scroll\"><table>\n<thead><tr><th>setting</th><th>total<small>s</small></th>")
                .append("<th>measured</th><th>off by</th><th>downtime<small>ms</small></th><th>measured</th>")
                .append("<th>off by</th><th>rounds</th><th>on the wire<small>GB</small></th><th>limit</th>")
                .append("</tr></thead>\n<tbody>\n");
        report.rows().forEach(this::row);
        html.append("</tbody></table></div>\n</section>\n");
    }

    private void row(Row row) {
        Measured measured = row.measured();
        html.append("<tr><th>");
        text(row.name());
        html.append("</th>");
        cell(row.forecast().converges() ? number(row.forecast().totalSeconds(), 3) : "does not converge");
        cell(measured == null ? "" : number(measured.totalSeconds(), 3));
        cell(percent(row.totalErrorPercent()));
        cell(number(row.forecast().downtimeSeconds() * 1e3, 1));
        cell(measured == null ? "" : number(measured.downtimeSeconds() * 1e3, 1));
        cell(percent(row.downtimeErrorPercent()));
        cell("" + row.forecast().rounds().size());
        cell(number(row.forecast().wireBytes() / 1e9, 3));
        cell(row.limit());
        html.append("</tr>\n");
    }

    private void cell(String content) {
        html.append("<td>");
        text(content);
        html.append("</td>");
    }

    private void text(String content) {
        html.append(content.replace("&", "&amp;").replace("<", "&lt;"));
    }

    private static String number(double value, int decimals) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + decimals + "f", value) : "–";
    }

    private static String percent(Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%+.0f %%", value);
    }
}
