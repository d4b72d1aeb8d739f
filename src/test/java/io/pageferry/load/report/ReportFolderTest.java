package io.pageferry.load.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.load.LoadException;
import io.pageferry.load.Setting;
import io.pageferry.load.result.Figures;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Turn;
import io.pageferry.load.run.SampleTurns;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

@Timeout(30)
class ReportFolderTest {
    private static final ZonedDateTime CREATED = ZonedDateTime.parse("2026-11-23T12:00:00Z");
    private static final long START_MILLIS = 1_700_000_000_000L;
    private static final Environment ENVIRONMENT = new Environment(
            "pageferry <test>", "abc123", "JDK 25", List.of("-Xmx1g"), "6.1", "CPU & co", 2, 1 << 30, "madvise", 0.5);

    @TempDir
    private Path parent;

    private LoadResult result;
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        result = new LoadResult(List.of(variant("test+size=1M", 1), variant("test+size=2M", 2)));
        folder = ReportFolder.write(parent, "test", CREATED, ENVIRONMENT, result);
    }

    @Test
    void shouldReadTheReportAsItWasWritten() throws IOException {
        Report report = Report.read(folder);
        assertEquals(Report.of("test", "2026-11-23T12:00Z", ENVIRONMENT, result), report);
        assertEquals(report, Report.read(folder.resolve("report.json")));
        assertEquals(3, report.variants().getFirst().turns().size());
        assertEquals(1, report.variants().getFirst().warmUp().size());
        assertEquals("GB/s", report.variants().getFirst().metrics().get("rate").unit());
        assertEquals(
                6, report.variants().getFirst().latencies().get("completion").count());
    }

    @Test
    void shouldLogHistogramsForHdrHistogramsOwnReader() throws IOException {
        Map<String, List<EncodableHistogram>> byTag = new HashMap<>();
        HistogramLogReader reader =
                new HistogramLogReader(folder.resolve("test+size=2M.hlog").toString());
        for (EncodableHistogram next = reader.nextIntervalHistogram();
                next != null;
                next = reader.nextIntervalHistogram()) {
            byTag.computeIfAbsent(next.getTag(), _ -> new ArrayList<>()).add(next);
        }
        assertEquals(START_MILLIS / 1000.0 + 1, reader.getStartTimeSec(), 1e-6);
        assertEquals(3, byTag.get("completion").size());
        assertEquals(3, byTag.get("hand-off").size());
        Histogram first = (Histogram) byTag.get("completion").getFirst();
        assertEquals(2, first.getTotalCount());
        assertEquals(4e9, first.getMaxValue(), 4e7);
        assertEquals(START_MILLIS + 1_000, first.getStartTimeStamp());
        assertEquals(START_MILLIS + 1_000 + 4_000, first.getEndTimeStamp());
    }

    @Test
    void shouldWritePercentilesInMilliseconds() throws IOException {
        String text = Files.readString(folder.resolve("test+size=1M-completion.hgrm"));
        Matcher max = Pattern.compile("#\\[Max\\s*=\\s*([0-9.]+), Total count\\s*=\\s*(\\d+)]")
                .matcher(text);
        assertTrue(max.find(), text);
        assertEquals(2_000, Double.parseDouble(max.group(1)), 5);
        assertEquals("6", max.group(2));
    }

    /** Nothing of the page comes from elsewhere, nothing runs, and names are text. */
    @Test
    void shouldMakeAPageThatNeedsNothingElse() throws IOException {
        String html = Files.readString(folder.resolve("index.html"));
        for (String foreign : List.of("http:", "https:", "<script", "src=", "href=", "@import", "url(")) {
            assertFalse(html.contains(foreign), foreign);
        }
        assertTrue(html.contains("pageferry &lt;test&gt;"), html);
        assertTrue(html.contains("CPU &amp; co"), html);
        assertTrue(html.contains("abc123"));
    }

    @Test
    void shouldDrawPlotsThatAreWellFormedAndWithinTheirBounds() throws Exception {
        String html = Files.readString(folder.resolve("index.html"));
        Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);
        List<String> titles = new ArrayList<>();
        while (svg.find()) {
            Document drawing = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(svg.group().getBytes(StandardCharsets.UTF_8)));
            titles.add(drawing.getDocumentElement().getAttribute("aria-label"));
            assertFalse(svg.group().contains("NaN"), svg.group());
            assertFalse(svg.group().contains("Infinity"), svg.group());
            assertFalse(
                    Pattern.compile("(x|y|width|height|cx|cy)=\"-")
                            .matcher(svg.group())
                            .find(),
                    svg.group());
        }
        assertTrue(
                titles.containsAll(List.of(
                        "rate",
                        "completion",
                        "downtime",
                        "processor time",
                        "throughput over time",
                        "dirty pages a round",
                        "rate a channel",
                        "hand-off")),
                titles.toString());
    }

    /** There letters are of 17 units, and their widest fonts take some ten a letter. */
    @Test
    void shouldHaveRoomForTheNamesOfTicksWhenItIsOnAPhone() throws IOException {
        Matcher tick = Pattern.compile(
                        "<text class=\"tick\" x=\"([0-9.]+)\" y=\"[0-9.]+\" text-anchor=\"end\">([^<]+)<")
                .matcher(Files.readString(folder.resolve("index.html")));
        int longest = 0;
        while (tick.find()) {
            longest = Math.max(longest, tick.group(2).length());
            assertTrue(Double.parseDouble(tick.group(1)) >= tick.group(2).length() * 10.5, tick.group());
        }
        assertTrue(longest >= "100 ms".length(), "longest=" + longest);
    }

    @Test
    void shouldTellVariantsApartByWhatDiffers() {
        assertEquals(
                List.of("size=1M tls=off", "size=2M tls=off"),
                PageContent.labels(List.of("a+size=1M+tls=off", "a+size=2M+tls=off")));
        assertEquals(List.of("a size=1M", "b"), PageContent.labels(List.of("a+size=1M", "b")));
        assertEquals(List.of("a"), PageContent.labels(List.of("a")));
    }

    @Test
    void shouldGiveEachOfManyVariantsALookOfItsOwn() {
        Set<String> styles = IntStream.range(0, 32).mapToObj(ReportPlots::style).collect(Collectors.toSet());
        assertEquals(32, styles.size());
        assertEquals("c0 d0", ReportPlots.style(0));
        assertEquals("c1 d1", ReportPlots.style(9));
    }

    /** What is called a change must look like one. */
    @Test
    void shouldShowARatioWithEnoughDecimals() {
        assertEquals(2, Figures.ratioDecimals(1.02));
        assertEquals(2, Figures.ratioDecimals(0.994));
        assertEquals(3, Figures.ratioDecimals(0.9988));
        assertEquals(4, Figures.ratioDecimals(1.0002));
    }

    @Test
    void shouldMakeAnotherFolderWhenThereIsOneOfTheSameSecond() throws IOException {
        Path second = ReportFolder.write(parent, "test", CREATED, ENVIRONMENT, result);
        assertFalse(second.equals(folder));
        assertTrue(Files.exists(second.resolve("index.html")));
    }

    @Test
    void shouldLeaveNothingWhenAReportCannotBeWritten() throws IOException {
        LoadResult unwritable = new LoadResult(List.of(variant("no/such/folder", 1)));
        assertThrows(IOException.class, () -> ReportFolder.write(parent, "bad", CREATED, ENVIRONMENT, unwritable));
        try (Stream<Path> there = Files.list(parent)) {
            assertEquals(List.of(folder), there.toList());
        }
    }

    @Test
    void shouldWriteAPageWhenEverythingFailed() throws IOException {
        SampleTurns failed = SampleTurns.ofOneThatFailed("it <b>broke");
        LoadResult none = new LoadResult(List.of(new LoadResult.Variant(
                "bad", settings(), List.of(), List.of(failed.turn(1, START_MILLIS)), List.of(failed.latencies()))));
        Path written = ReportFolder.write(parent, "bad", CREATED, ENVIRONMENT, none);
        String html = Files.readString(written.resolve("index.html"));
        assertTrue(html.contains("1 migration failed: it &lt;b&gt;broke"), html);
        assertTrue(html.contains("<th>failed</th>"), html);
        assertTrue(html.contains("<td>1 of 1</td>"), html);
        assertEquals(1, none.failed());
        assertEquals(Map.of(), Report.read(written).variants().getFirst().metrics());
    }

    @Test
    void shouldRefuseReportWhenItIsNone() throws IOException {
        Path file = Files.writeString(parent.resolve("report.json"), "{\"name\": 3");
        assertTrue(assertThrows(LoadException.class, () -> Report.read(file))
                .getMessage()
                .startsWith("report must be one of load's: file=" + file));
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        for (Setting setting : Setting.values()) {
            settings.put(setting.key(), setting.standard());
        }
        return settings;
    }

    /** Turns of two migrations each, which take so many seconds, one after the other. */
    private static LoadResult.Variant variant(String name, double seconds) {
        SampleTurns figures = SampleTurns.ofTwoMigrations(seconds);
        List<Turn> turns = new ArrayList<>();
        List<Map<String, Histogram>> latencies = new ArrayList<>();
        for (int number = 1; number <= 3; number++) {
            turns.add(figures.turn(number, START_MILLIS + number * 1_000));
            latencies.add(figures.latencies());
        }
        return new LoadResult.Variant(name, settings(), List.of(figures.turn(0, START_MILLIS)), turns, latencies);
    }
}
