package io.pageferry.load.report;

import io.pageferry.load.result.LoadResult;
import java.util.List;

/**
 * What a report's page is about. Immutable.
 *
 * @param report as it is kept
 * @param result what it was made of
 * @param labels what the scenarios are called on the page, in their order
 */
record PageContent(Report report, LoadResult result, List<String> labels) {
    static PageContent of(Report report, LoadResult result) {
        return new PageContent(
                report,
                result,
                labels(report.variants().stream().map(Report.Variant::name).toList()));
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

    /** How many there are. */
    int scenarios() {
        return labels.size();
    }

    /** A scenario's label in HTML. */
    String label(int scenario) {
        return Html.escape(labels.get(scenario));
    }

    /** The mark of a scenario's colour and pattern, in HTML. */
    static String key(int scenario) {
        return "<i class=\"key " + ReportPlots.style(scenario) + "\"></i>";
    }
}
