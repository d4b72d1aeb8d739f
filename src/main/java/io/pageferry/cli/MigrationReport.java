package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.TimeSpan;
import io.pageferry.control.MigrationInfoJson;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.info.MigrationInfo;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.node.ObjectNode;

/** Tells how a migration went: as JSON in the shape of QMP's {@code query-migrate}, or as a table for people. */
final class MigrationReport {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    private final MigrationOutcome outcome;
    private final MigrationProgress progress;
    private final MigrationStats stats;

    MigrationReport(MigrationOutcome outcome) {
        this.outcome = outcome;
        this.progress = outcome.progress();
        this.stats = progress.stats();
    }

    /** A migration's members: QEMU's, then the channels, which are ours. */
    ObjectNode toJson() {
        MigrationInfo info = MigrationInfo.of(progress);
        ObjectNode json = Json.object();
        json.put("status", outcome.status().qemuName());
        MigrationInfoJson.addTimes(info, json);
        MigrationInfoJson.addRam(info, json);
        MigrationInfoJson.addChannels(info, json);
        outcome.failure().ifPresent(failure -> json.put("error-desc", Ending.describe(failure)));
        return json;
    }

    /** Adds the latencies in nanoseconds. */
    void addLatenciesTo(ObjectNode json) {
        ObjectNode latencies = json.putObject("latencies-ns");
        for (Map.Entry<Latencies.Kind, Histogram> one : measured().entrySet()) {
            Latencies.Kind kind = one.getKey();
            Histogram histogram = one.getValue();
            ObjectNode node = latencies.putObject(kind.label()).put("count", histogram.getTotalCount());
            for (double percentile : PERCENTILES) {
                node.put(label(percentile), histogram.getValueAtPercentile(percentile));
            }
        }
    }

    /** What there was of each kind, of those that there was anything of. */
    private Map<Latencies.Kind, Histogram> measured() {
        Map<Latencies.Kind, Histogram> measured = new EnumMap<>(Latencies.Kind.class);
        for (Latencies.Kind kind : Latencies.Kind.values()) {
            Histogram histogram = stats.latencies().histogram(kind);
            if (histogram.getTotalCount() > 0) {
                measured.put(kind, histogram);
            }
        }
        return measured;
    }

    /** The lines that every migration has. */
    void print(List<String> lines) {
        double seconds = Math.max(progress.activeTimeNanos(), 1) / 1e9;
        lines.add(row("total time", TimeSpan.format(progress.totalNanos())));
        if (progress.downtimeNanos() > 0) {
            lines.add(row("downtime", TimeSpan.format(progress.downtimeNanos())));
        }
        lines.add(row(
                "transferred",
                ByteSize.format(stats.transferredBytes()) + " of a guest of " + ByteSize.format(stats.totalRamBytes())
                        + ", " + ByteSize.format((long) (stats.transferredBytes() / seconds)) + "/s"));
        lines.add(row("pages", stats.normalPages() + " normal, " + stats.duplicatePages() + " zero"));
        if (stats.postcopyRequests.sum() > 0) {
            Histogram answers = stats.latencies().histogram(Latencies.Kind.PAGE_REQUEST);
            lines.add(row(
                    "page requests",
                    stats.postcopyRequests.sum() + ", answered in "
                            + TimeSpan.format(answers.getValueAtPercentile(50)) + " (p99 "
                            + TimeSpan.format(answers.getValueAtPercentile(99)) + ")"));
        }
        long missed = stats.dirtySyncMissedZeroCopy.sum();
        if (missed > 0) {
            lines.add(row("zero-copy-send", "all was copied before " + missed + " syncs of channels"));
        }
    }

    void printChannels(List<String> lines) {
        double seconds = Math.max(progress.activeTimeNanos(), 1) / 1e9;
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-14s %12s %12s %14s", "channel", "bytes", "packets", "rate"));
        for (int id = 0; id < stats.channels().size(); id++) {
            ChannelStats channel = stats.channel(id);
            long bytes = channel.multifdBytes.get();
            lines.add(String.format(
                    Locale.ROOT,
                    "%-14d %12s %12d %14s",
                    id,
                    ByteSize.format(bytes),
                    channel.packets.get(),
                    ByteSize.format((long) (bytes / seconds)) + "/s"));
        }
    }

    void printLatencies(List<String> lines) {
        lines.add("");
        StringBuilder head = new StringBuilder(String.format(Locale.ROOT, "%-14s %12s", "latency", "count"));
        for (double percentile : PERCENTILES) {
            head.append(String.format(Locale.ROOT, " %10s", label(percentile)));
        }
        lines.add(head.toString());
        for (Map.Entry<Latencies.Kind, Histogram> one : measured().entrySet()) {
            Latencies.Kind kind = one.getKey();
            Histogram histogram = one.getValue();
            StringBuilder line = new StringBuilder(
                    String.format(Locale.ROOT, "%-14s %12d", kind.label(), histogram.getTotalCount()));
            for (double percentile : PERCENTILES) {
                line.append(String.format(
                        Locale.ROOT, " %10s", TimeSpan.format(histogram.getValueAtPercentile(percentile))));
            }
            lines.add(line.toString());
        }
    }

    static String row(String label, String value) {
        return String.format(Locale.ROOT, "%-14s %s", label, value);
    }

    private static String label(double percentile) {
        if (percentile == 100) {
            return "max";
        }
        return "p"
                + (percentile == Math.rint(percentile) ? String.valueOf((int) percentile) : String.valueOf(percentile));
    }
}
