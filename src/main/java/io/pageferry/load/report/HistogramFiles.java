package io.pageferry.load.report;

import io.pageferry.load.LoadException;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Turn;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** Writes latencies in HdrHistogram's own formats. Stateless. */
final class HistogramFiles {
    private static final double NANOS_A_MILLI = 1e6;
    private static final int TICKS_A_HALF = 5;

    private HistogramFiles() {}

    /** A log of nanoseconds, an interval a turn, tagged by metric. */
    static void writeLog(Path file, LoadResult.Variant variant) throws IOException {
        try (PrintStream stream = new PrintStream(Files.newOutputStream(file))) {
            HistogramLogWriter log = new HistogramLogWriter(stream);
            log.outputComment("[pageferry load, scenario " + variant.name() + ", nanoseconds, an interval a turn]");
            log.outputLogFormatVersion();
            List<Turn> turns = variant.turns();
            if (!turns.isEmpty()) {
                log.outputStartTime(turns.getFirst().startEpochMillis());
                log.setBaseTime(turns.getFirst().startEpochMillis());
            }
            log.outputLegend();
            for (int i = 0; i < turns.size(); i++) {
                writeTurn(log, turns.get(i), variant.latencies().get(i));
            }
            if (stream.checkError()) {
                throw new LoadException("log must be written: file=" + file);
            }
        }
    }

    private static void writeTurn(HistogramLogWriter log, Turn turn, Map<String, Histogram> latencies) {
        long end = turn.startEpochMillis() + Math.max(1, Math.round(turn.seconds() * 1000));
        latencies.forEach((metric, histogram) -> {
            if (histogram.getTotalCount() > 0) {
                Histogram interval = histogram.copy();
                interval.setTag(metric);
                interval.setStartTimeStamp(turn.startEpochMillis());
                interval.setEndTimeStamp(end);
                log.outputIntervalHistogram(interval);
            }
        });
    }

    /** Percentiles over all turns, in milliseconds. */
    static void writePercentiles(Path file, Histogram histogram) throws IOException {
        try (PrintStream stream = new PrintStream(Files.newOutputStream(file))) {
            histogram.outputPercentileDistribution(stream, TICKS_A_HALF, NANOS_A_MILLI);
            if (stream.checkError()) {
                throw new LoadException("percentiles must be written: file=" + file);
            }
        }
    }
}
