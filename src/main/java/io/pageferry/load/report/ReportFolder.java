package io.pageferry.load.report;

import io.pageferry.load.LoadException;
import io.pageferry.load.LoadJson;
import io.pageferry.load.result.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes a report's folder, which appears whole or not at all.
 *
 * <ul>
 *   <li>{@code report.json}: everything ({@link Report})
 *   <li>{@code index.html}: the page to look at, which needs nothing else
 *   <li>{@code VARIANT.hlog}: HdrHistogram's log, an interval a turn, tagged by metric
 *   <li>{@code VARIANT-METRIC.hgrm}: percentiles over all turns, in milliseconds
 * </ul>
 */
public final class ReportFolder {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    private static final String PART = ".part";

    private ReportFolder() {}

    /**
     * Writes all files.
     *
     * @param parent where the folder is made, under a name with the test's name and the time
     * @return the folder
     */
    public static Path write(
            Path parent, String name, ZonedDateTime created, Environment environment, LoadResult result)
            throws IOException {
        return write(parent, name, created, environment, result, Optional.empty());
    }

    /**
     * What a report may have beside a load test.
     *
     * @param file its name
     * @param content written to it as JSON
     * @param section for the page, in HTML
     */
    public record Attachment(String file, Object content, String section) {}

    /** The same with something beside it. */
    public static Path write(
            Path parent,
            String name,
            ZonedDateTime created,
            Environment environment,
            LoadResult result,
            Optional<Attachment> attachment)
            throws IOException {
        Path part = Files.createDirectory(freeName(parent, created.toLocalDateTime(), name, PART));
        try {
            writeInto(part, name, created, environment, result, attachment);
            Path folder = freeName(parent, created.toLocalDateTime(), name, "");
            return Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            delete(part);
            throw e;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void writeInto(
            Path folder,
            String name,
            ZonedDateTime created,
            Environment environment,
            LoadResult result,
            Optional<Attachment> attachment)
            throws IOException {
        Report report = Report.of(
                name, created.truncatedTo(ChronoUnit.SECONDS).toOffsetDateTime().toString(), environment, result);
        report.write(folder);
        for (LoadResult.Variant variant : result.variants()) {
            HistogramFiles.writeLog(folder.resolve(variant.name() + ".hlog"), variant);
            for (String metric : Report.latencyMetrics(variant)) {
                HistogramFiles.writePercentiles(
                        folder.resolve(variant.name() + "-" + metric + ".hgrm"), variant.latency(metric));
            }
        }
        Files.writeString(
                folder.resolve("index.html"),
                new HtmlReport(
                                PageContent.of(report, result),
                                attachment.map(Attachment::section).orElse(""))
                        .html());
        if (attachment.isPresent()) {
            Files.write(
                    folder.resolve(attachment.get().file()),
                    LoadJson.PRETTY.writeValueAsBytes(attachment.get().content()));
        }
    }

    /** Says at once, by an exception, where no report could be made in a folder; makes nothing. */
    public static void requireWritable(Path parent) throws LoadException {
        Path there = parent.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new LoadException("report must go into a folder that can be written: folder=" + parent);
        }
    }

    /** Two tests within a second have a folder each. */
    private static Path freeName(Path parent, LocalDateTime time, String name, String suffix) throws IOException {
        Files.createDirectories(parent);
        String plain = time.format(STAMP) + "-" + name;
        Path folder = parent.resolve(plain + suffix);
        for (int next = 2; Files.exists(folder); next++) {
            folder = parent.resolve(plain + "-" + next + suffix);
        }
        return folder;
    }
}
