package io.pageferry.load.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Writes the page of a report: one file, no scripts, nothing to be fetched. Belongs to one thread. */
final class HtmlReport {
    private final PageContent content;
    private final String section;
    private final StringBuilder page = new StringBuilder();

    /**
     * Makes a page ready.
     *
     * @param section one of somebody else's, in HTML, before its own; or empty
     */
    HtmlReport(PageContent content, String section) {
        this.content = content;
        this.section = section;
    }

    String html() throws IOException {
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(Html.escape(content.report().name()))
                .append(" – Pageferry load test</title>\n<style>\n")
                .append(resource("report.css"))
                .append("</style>\n</head>\n<body>\n<main>\n");
        head();
        page.append(section).append(SummaryTables.html(content, !section.isEmpty()));
        if (content.result().completed() > 0) {
            page.append(PlotSection.html(content));
        }
        return page.append(DetailTables.html(content))
                .append("</main>\n</body>\n</html>\n")
                .toString();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void head() {
        Environment environment = content.report().environment();
        page.append("<header><h1>").append(Html.escape(content.report().name())).append("</h1>\n<p class=\"sub\">");
        page.append(Html.escape(String.join(
                " · ",
                content.report().created().replace('T', ' '),
                "commit " + environment.commit(),
                environment.processors() + " processors, " + environment.processor(),
                "JDK " + environment.jdk(),
                "Linux " + environment.kernel())));
        page.append("</p>\n");
        if (content.result().failed() > 0) {
            page.append("<p class=\"alarm\">")
                    .append(content.result().failed())
                    .append(content.result().failed() == 1 ? " migration failed: " : " migrations failed: ");
            page.append(Html.escape(content.result().firstError())).append("</p>\n");
        }
        page.append("</header>\n");
    }
}
