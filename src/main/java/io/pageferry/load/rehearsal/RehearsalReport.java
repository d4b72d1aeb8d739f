package io.pageferry.load.rehearsal;

import io.pageferry.load.report.ReportFolder;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Turn;
import java.util.List;
import java.util.Optional;

/**
 * A rehearsal as its file has it, {@value #FILE}.
 *
 * @param image the image of the guest that it is about, or null
 * @param sink the other end of the link, or null for one of this machine's
 * @param roundTripSeconds of the link, or null
 * @param guest what was measured of it
 * @param links what was measured of the link, for each number of channels, and for each other setting that matters to
 *     it
 * @param rows each setting's forecast, the best first
 * @param reason why that is best
 * @param note why nothing was run, or null
 */
public record RehearsalReport(
        String image,
        String sink,
        Double roundTripSeconds,
        GuestProfile guest,
        List<LinkProfile> links,
        List<Row> rows,
        String reason,
        String note) {
    static final String FILE = "rehearsal.json";

    /**
     * A setting.
     *
     * @param name what tells it from the others
     * @param bytesPerSecond pages that are not zero, before any compression
     * @param limit what holds them up
     * @param measured what then happened, or null where it was not run
     */
    public record Row(
            String name,
            double bytesPerSecond,
            String limit,
            Forecast forecast,
            double downtimeLimitSeconds,
            Measured measured) {

        Row with(LoadResult.Variant variant) {
            return new Row(name, bytesPerSecond, limit, forecast, downtimeLimitSeconds, Measured.of(variant));
        }

        /** The forecast's error in percent, or null where that cannot be said. */
        public Double totalErrorPercent() {
            return measured == null ? null : error(forecast.totalSeconds(), measured.totalSeconds());
        }

        /** The same of the downtime. */
        public Double downtimeErrorPercent() {
            return measured == null ? null : error(forecast.downtimeSeconds(), measured.downtimeSeconds());
        }

        private static Double error(double forecast, double measured) {
            double error = (forecast / measured - 1) * 100;
            return Double.isFinite(error) ? error : null;
        }
    }

    /**
     * What happened: medians of the turns.
     *
     * @param failed migrations that did
     */
    public record Measured(
            double totalSeconds, double downtimeSeconds, double rounds, double wireBytes, int turns, long failed) {
        static Measured of(LoadResult.Variant variant) {
            double[] wire = variant.turns().stream()
                    .filter(turn -> turn.completed() > 0)
                    .mapToDouble((Turn turn) -> turn.metric(Metric.WIRE_RATE) * 1e9 * turn.seconds())
                    .sorted()
                    .toArray();
            return new Measured(
                    LinkMeter.median(variant, Metric.COMPLETION) / 1e3,
                    LinkMeter.median(variant, Metric.DOWNTIME) / 1e3,
                    LinkMeter.median(variant, Metric.ROUNDS),
                    wire.length == 0 ? Double.NaN : wire[wire.length / 2],
                    variant.turns().size(),
                    variant.turns().stream()
                            .mapToLong(turn -> turn.errors().size())
                            .sum());
        }
    }

    /** This, to be put into a load test's report. */
    public ReportFolder.Attachment attachment() {
        return new ReportFolder.Attachment(FILE, this, RehearsalPage.section(this));
    }

    /** The best setting, where there is one with which the guest arrives. */
    public Optional<Row> best() {
        return rows.stream().findFirst().filter(row -> row.forecast.converges());
    }
}
