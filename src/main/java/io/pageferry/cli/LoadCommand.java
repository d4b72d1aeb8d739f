package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.load.Scenario;
import io.pageferry.load.ScenarioFile;
import io.pageferry.load.rehearsal.Rehearsal;
import io.pageferry.load.report.Comparison;
import io.pageferry.load.report.Environment;
import io.pageferry.load.report.Report;
import io.pageferry.load.report.ReportFolder;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.run.LoadTest;
import io.pageferry.load.target.Sink;
import io.pageferry.load.worker.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code load}: migrations with synthetic guests, and a report of how they went; or what has changed from one report to
 * another.
 */
@Command(
        name = "load",
        description = {
            "Drives migrations with synthetic guests, as scenarios say, and writes a report: JSON, HdrHistogram logs,"
                    + " and a page with plots.",
            "Scenarios that are given together, and those of a matrix, alternate turn by turn.",
            "With --like it rehearses: what will it be like to move this guest over this link?",
            ""
        },
        footerHeading = "%nA scenario is a file of lines 'setting = value[, value...]'; several values make a matrix."
                + " Settings:%n",
        footer = {
            "  target               pageferry, qemu or sink: who takes the guests in",
            "  destination          memory, memory-warm (of guests that have gone), image",
            "                       or image-direct",
            "  multifd-channels, multifd-compression, compression-level, zero-copy-send,",
            "  max-bandwidth, downtime-limit",
            "                       as QEMU has them",
            "  tls                  off, x509 or psk",
            "  size, dirty-rate, working-set, zero-share, compressibility, contents, seed",
            "                       what a guest is like",
            "  guests, migrations, arrival-rate, arrivals (fixed or poisson)",
            "                       how many at once, how many a turn, how many due a second",
            "  link-latency, link-loss, link-rate",
            "                       of a link that is made for the test (needs root;",
            "                       latency and loss: a kernel with netem)",
            "  processes (warm or fresh), warm-up, turns",
            "                       how often, and in which processes",
            "Sizes and rates a second are in bytes (64M, 1G), times have a unit (10ms, 2s), shares",
            "are 0 to 1. What is not said is as the report's page shows under 'Scenarios'."
        })
final class LoadCommand extends ReportingCommand {
    private static final Logger LOG = LoggerFactory.getLogger(LoadCommand.class);

    @Parameters(
            paramLabel = "SCENARIO",
            arity = "0..*",
            description = "Files of scenarios, such as perf/scenarios/*.scenario.")
    private List<Path> files = List.of();

    @Option(
            names = "--set",
            paramLabel = "SETTING=VALUE",
            description = "A setting that counts in place of what scenarios say; may be given again.")
    private List<String> overrides = List.of();

    @Option(
            names = "--report",
            paramLabel = "DIR",
            defaultValue = "reports",
            description = "Where the report's folder is made (default: ${DEFAULT-VALUE}).")
    private Path reports;

    @Option(
            names = "--qemu",
            paramLabel = "PATH",
            description = "The QEMU (qemu-system-…) of scenarios whose target is qemu.")
    private Path qemu;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Where images go meanwhile (default: the system's temporary folder).")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(
            names = "--like",
            paramLabel = "IMAGE|URI",
            description = {
                "Rehearse: measure a guest's image, or the link to the sink at a URI (tcp:HOST:PORT), or both;"
                        + " foretell total time and downtime for each of many settings; run the best, and tell both.",
                "A scenario, at most one, and --set say what else is so: dirty-rate, working-set, downtime-limit, ..."
            })
    private List<String> like = List.of();

    @Option(names = "--rehearse", description = "The same for a guest and a link that are made up, as settings say.")
    private boolean rehearse;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "With --like or --rehearse: how many settings to run after the forecast, the best first, then"
                    + " QEMU's own; 0: none (default: ${DEFAULT-VALUE}).")
    private int runs = 2;

    @ArgGroup
    private Other other;

    /** What is not a test. */
    private static final class Other {
        @Option(
                names = "--compare",
                arity = "2",
                paramLabel = "REPORT",
                description =
                        "Say what has changed from the first report to the second beyond the noise; runs nothing.")
        private List<Path> compare;

        @Option(
                names = "--sink",
                paramLabel = "URI",
                description = {
                    "Be the other end of a link for --like: take in any number of guests at tcp:HOST:PORT, each at a"
                            + " further port that is free, and keep nothing of them. Without protection: for networks"
                            + " that can be trusted."
                })
        private String sink;

        @Option(names = "--worker", hidden = true)
        private Path worker;
    }

    @Override
    Ending run() throws IOException, InterruptedException {
        if (other != null && other.worker != null) {
            Worker.serve(other.worker);
            return Ending.completed(Json.object().put("status", "completed"), List.of());
        }
        if (other == null) {
            return like.isEmpty() && !rehearse ? test() : rehearse();
        }
        if (!like.isEmpty() || rehearse) {
            throw new ConfigException("--like and --rehearse must be without --compare and --sink: like=" + like);
        }
        if (other.sink != null) {
            Sink.serve(RehearsalSubject.sink(other.sink), uri -> System.err.println("listening on " + uri));
            return Ending.completed(Json.object().put("status", "completed"), List.of());
        }
        if (!files.isEmpty()) {
            throw new ConfigException("--compare must be without scenarios: scenarios=" + files);
        }
        if (other.compare.size() != 2) {
            throw new ConfigException("--compare must be with two reports: reports=" + other.compare);
        }
        return ComparisonEnding.of(Comparison.of(Report.read(other.compare.get(0)), Report.read(other.compare.get(1))));
    }

    private Ending test() throws IOException, InterruptedException {
        if (files.isEmpty()) {
            throw new ConfigException(
                    "scenario must be given: one file or more, such as perf/scenarios/quick.scenario");
        }
        List<Scenario> scenarios = new ArrayList<>();
        for (Path file : files) {
            scenarios.addAll(ScenarioFile.read(file, overrides));
        }
        if (scenarios.stream().map(Scenario::name).distinct().count() != scenarios.size()) {
            throw new ConfigException("scenarios must have names of their own: files=" + files);
        }
        // Before a test that takes hours, not after it.
        ReportFolder.requireWritable(reports);
        Environment environment = Environment.here(new Version().getVersion()[0]);
        ZonedDateTime created = ZonedDateTime.now();
        LoadResult result;
        try (LoadTest test = LoadTest.open(worker(), Optional.ofNullable(qemu), Optional.empty(), work, LOG::info)) {
            result = test.run(scenarios);
        }
        String first = files.getFirst().getFileName().toString().replaceFirst("\\.scenario$", "");
        String name = files.size() == 1 ? first : first + "-and-" + (files.size() - 1) + "-more";
        Path folder = ReportFolder.write(reports, name, created, environment, result);
        return LoadTestEnding.of(Report.read(folder), result, folder);
    }

    private Ending rehearse() throws IOException, InterruptedException {
        if (files.size() > 1 || runs < 0) {
            throw new ConfigException("--like must be with one scenario at most, and runs not be negative: scenarios="
                    + files + " runs=" + runs);
        }
        RehearsalSubject subject = RehearsalSubject.parse(like);
        Rehearsal.Plan plan = subject.plan(files.stream().findFirst(), overrides, runs);
        Environment environment = Environment.here(new Version().getVersion()[0]);
        ZonedDateTime created = ZonedDateTime.now();
        Rehearsal.Outcome outcome;
        try (LoadTest test = LoadTest.open(worker(), Optional.ofNullable(qemu), plan.sink(), work, LOG::info)) {
            outcome = new Rehearsal(plan, test).run();
        }
        Path folder = ReportFolder.write(
                reports,
                "rehearsal",
                created,
                environment,
                outcome.result(),
                Optional.of(outcome.report().attachment()));
        return RehearsalEnding.of(outcome.report(), folder);
    }

    private static List<String> worker() {
        List<String> command = JavaCommand.ofThisProgram();
        command.addAll(List.of("load", "--worker"));
        return command;
    }
}
