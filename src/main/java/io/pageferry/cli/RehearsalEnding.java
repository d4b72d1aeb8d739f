package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.load.rehearsal.RehearsalReport;
import io.pageferry.load.rehearsal.RehearsalReport.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells what came of a rehearsal: for people a table, for scripts the same. Times are in milliseconds, as
 * {@code query-migrate} has them.
 */
final class RehearsalEnding {
    private static final String COLUMNS = "  %-52s %9s %9s %6s %10s %9s  %-13s %s";

    private RehearsalEnding() {}

    static Ending of(RehearsalReport report, Path folder) {
        ObjectNode json = Json.object().put("status", "completed");
        json.put("report", folder.toString());
        json.put("best", report.best().map(Row::name).orElse(null));
        json.put("reason", report.reason());
        ObjectNode guest = json.putObject("guest");
        guest.put("size", report.guest().bytes());
        guest.put("zero-share", report.guest().zeroShare());
        ObjectNode shares = guest.putObject("wire-share");
        report.guest().codecs().forEach((codec, cost) -> shares.put(codec, cost.wireShare()));
        ArrayNode settings = json.putArray("settings");
        report.rows().forEach(row -> settings.add(json(row)));
        if (report.note() != null) {
            json.put("note", report.note());
        }
        return Ending.completed(json, lines(report, folder));
    }

    private static ObjectNode json(Row row) {
        ObjectNode json = Json.object().put("name", row.name());
        ObjectNode forecast = json.putObject("forecast");
        forecast.put("converges", row.forecast().converges());
        forecast.put("total-time", row.forecast().totalSeconds() * 1e3);
        if (row.forecast().converges()) {
            forecast.put("downtime", row.forecast().downtimeSeconds() * 1e3);
        }
        forecast.put("rounds", row.forecast().rounds().size());
        forecast.put("transferred", (long) row.forecast().wireBytes());
        forecast.put("cpu-time", row.forecast().cpuSeconds() * 1e3);
        forecast.put("limit", row.limit());
        if (row.measured() != null) {
            ObjectNode measured = json.putObject("measured");
            measured.put("failed", row.measured().failed());
            putFinite(measured, "total-time", row.measured().totalSeconds() * 1e3);
            putFinite(measured, "downtime", row.measured().downtimeSeconds() * 1e3);
            putFinite(measured, "rounds", row.measured().rounds());
            putFinite(measured, "transferred", row.measured().wireBytes());
            json.put("total-time-error-percent", row.totalErrorPercent());
            json.put("downtime-error-percent", row.downtimeErrorPercent());
        }
        return json;
    }

    private static void putFinite(ObjectNode json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        }
    }

    private static List<String> lines(RehearsalReport report, Path folder) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "guest            %s, %.1f %% zero",
                ByteSize.format(report.guest().bytes()),
                report.guest().zeroShare() * 100));
        report.guest().codecs().forEach((codec, cost) -> {
            if (cost.encodeSecondsPerByte() > 0) {
                lines.add(String.format(
                        Locale.ROOT,
                        "  %-14s packs to %.1f %%; a core packs %.2f GB/s, unpacks %.2f GB/s",
                        codec,
                        cost.wireShare() * 100,
                        1e-9 / cost.encodeSecondsPerByte(),
                        1e-9 / cost.decodeSecondsPerByte()));
            }
        });
        report.links()
                .forEach(link -> lines.add(String.format(
                        Locale.ROOT,
                        "link             %d channels: %.3f GB/s, scattered pages %.3f GB/s, %.1f ms besides",
                        link.channels(),
                        link.bytesPerSecond() / 1e9,
                        link.scatteredBytesPerSecond() / 1e9,
                        link.setupSeconds() * 1e3)));
        if (report.roundTripSeconds() != null) {
            lines.add(String.format(Locale.ROOT, "round trip       %.3f ms", report.roundTripSeconds() * 1e3));
        }
        lines.add(String.format(
                Locale.ROOT,
                COLUMNS,
                "forecast, best first",
                "total s",
                "down ms",
                "rounds",
                "on wire",
                "CPU s",
                "limit",
                ""));
        report.rows().forEach(row -> row(lines, row));
        lines.add(report.best()
                        .map(row -> "best             " + row.name() + ": ")
                        .orElse("best             none: ")
                + report.reason());
        if (report.note() != null) {
            lines.add("not run          " + report.note());
        }
        lines.add("report           " + folder.resolve("index.html"));
        return lines;
    }

    private static void row(List<String> lines, Row row) {
        lines.add(String.format(
                        Locale.ROOT,
                        COLUMNS,
                        row.name(),
                        number("%.3f", row.forecast().totalSeconds()),
                        number("%.1f", row.forecast().downtimeSeconds() * 1e3),
                        row.forecast().rounds().size(),
                        ByteSize.format((long) row.forecast().wireBytes()),
                        number("%.2f", row.forecast().cpuSeconds()),
                        row.limit(),
                        row.forecast().converges() ? "" : "does not converge")
                .stripTrailing());
        if (row.measured() == null) {
            return;
        }
        RehearsalReport.Measured measured = row.measured();
        lines.add(String.format(
                        Locale.ROOT,
                        COLUMNS,
                        "  then measured",
                        number("%.3f", measured.totalSeconds()),
                        number("%.1f", measured.downtimeSeconds() * 1e3),
                        number("%.0f", measured.rounds()),
                        ByteSize.format((long) measured.wireBytes()),
                        "",
                        "",
                        measured.failed() > 0 ? measured.failed() + " failed" : "")
                .stripTrailing());
        lines.add(String.format(
                        Locale.ROOT,
                        COLUMNS,
                        "  forecast off by",
                        percent(row.totalErrorPercent()),
                        percent(row.downtimeErrorPercent()),
                        "",
                        "",
                        "",
                        "",
                        "")
                .stripTrailing());
    }

    private static String percent(Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%+.0f %%", value);
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "-";
    }
}
