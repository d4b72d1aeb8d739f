package io.pageferry.cli;

import io.pageferry.load.report.Report;
import io.pageferry.load.result.LoadResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** What {@code load} says of a load test: for people lines, for scripts the same. */
final class LoadTestEnding {
    private LoadTestEnding() {}

    static Ending of(Report report, LoadResult result, Path folder) {
        ObjectNode json = Json.object().put("status", result.failed() == 0 ? "completed" : "failed");
        json.put("report", folder.toString());
        json.put("completed", result.completed());
        json.put("failed", result.failed());
        ObjectNode variants = json.putObject("scenarios");
        List<String> lines = new ArrayList<>();
        for (Report.Variant variant : report.variants()) {
            ObjectNode metrics = variants.putObject(variant.name());
            lines.add(variant.name());
            variant.metrics().forEach((metric, spread) -> {
                metrics.put(metric, spread.median());
                lines.add(String.format(
                        Locale.ROOT,
                        "  %-16s %10.4g %-5s %.4g to %.4g",
                        metric,
                        spread.median(),
                        spread.unit(),
                        spread.least(),
                        spread.most()));
            });
        }
        lines.add("report           " + folder.resolve("index.html"));
        if (result.failed() == 0) {
            return Ending.completed(json, lines);
        }
        return Ending.failed(
                new IOException("migrations must complete: failed=" + result.failed() + " completed="
                        + result.completed() + " report=" + folder + " first=\"" + result.firstError() + "\""),
                json);
    }
}
