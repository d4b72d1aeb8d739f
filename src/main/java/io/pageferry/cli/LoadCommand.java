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
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * {@code load}: migrations with synthetic guests, and a report of how they went; or what has changed from one report to
 * another.
 */
final class LoadCommand extends ReportingCommand {
    private static final Logger LOG = LoggerFactory.getLogger(LoadCommand.class);

    /** What a scenario may say, for help. */
    private static final String[] SETTINGS = {
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
    };

    private final Value<List<Path>> files;
    private final Value<List<String>> overrides;
    private final Value<Path> reports;
    private final Value<Path> qemu;
    private final Value<Path> work;
    private final Value<List<String>> like;
    private final Value<Boolean> rehearse;
    private final Value<Integer> runs;
    private final Value<List<Path>> compare = Value.ofList(Path.class);
    private final Value<String> sink = Value.of(String.class);
    private final Value<Path> worker = Value.of(Path.class);

    LoadCommand() {
        super(
                "load",
                "Drives migrations with synthetic guests, as scenarios say, and writes a report: JSON, HdrHistogram"
                        + " logs, and a page with plots.",
                "Scenarios that are given together, and those of a matrix, alternate turn by turn.",
                "With --like it rehearses: what will it be like to move this guest over this link?",
                "");
        model.spec()
                .usageMessage()
                .footerHeading("%nA scenario is a file of lines 'setting = value[, value...]'; several values make a"
                        + " matrix. Settings:%n")
                .footer(SETTINGS);
        files = model.add(
                Value.ofList(Path.class),
                PositionalParamSpec.builder()
                        .paramLabel("SCENARIO")
                        .arity("0..*")
                        .description("Files of scenarios, such as perf/scenarios/*.scenario."));
        overrides = model.add(
                Value.ofList(String.class),
                OptionSpec.builder("--set")
                        .paramLabel("SETTING=VALUE")
                        .description("A setting that counts in place of what scenarios say; may be given again."));
        reports = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--report")
                        .paramLabel("DIR")
                        .defaultValue("reports")
                        .description("Where the report's folder is made (default: ${DEFAULT-VALUE})."));
        qemu = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--qemu")
                        .paramLabel("PATH")
                        .description("The QEMU (qemu-system-…) of scenarios whose target is qemu."));
        work = model.add(
                Value.of(Path.class, Path.of(System.getProperty("java.io.tmpdir"))),
                OptionSpec.builder("--work")
                        .paramLabel("DIR")
                        .description("Where images go meanwhile (default: the system's temporary folder)."));
        like = model.add(
                Value.ofList(String.class),
                OptionSpec.builder("--like")
                        .paramLabel("IMAGE|URI")
                        .description(
                                "Rehearse: measure a guest's image, or the link to the sink at a URI (tcp:HOST:PORT),"
                                        + " or both; foretell total time and downtime for each of many settings; run"
                                        + " the best, and tell both.",
                                "A scenario, at most one, and --set say what else is so: dirty-rate,"
                                        + " working-set, downtime-limit, ..."));
        rehearse = model.add(
                Value.flag(),
                OptionSpec.builder("--rehearse")
                        .description("The same for a guest and a link that are made up, as settings say."));
        runs = model.add(
                Value.of(int.class),
                OptionSpec.builder("--runs")
                        .paramLabel("N")
                        .description("With --like or --rehearse: how many settings to run after the forecast, the"
                                + " best first, then QEMU's own; 0: none (default: ${DEFAULT-VALUE}).")
                        .defaultValue("2"));
        model.addExclusive(
                compare.of(OptionSpec.builder("--compare")
                        .arity("2")
                        .paramLabel("REPORT")
                        .description("Say what has changed from the first report to the second beyond the"
                                + " noise; runs nothing.")),
                sink.of(OptionSpec.builder("--sink")
                        .paramLabel("URI")
                        .description("Be the other end of a link for --like: take in any number of guests at"
                                + " tcp:HOST:PORT, each at a further port that is free, and keep nothing of them."
                                + " Without protection: for networks that can be trusted.")),
                worker.of(OptionSpec.builder("--worker").hidden(true)));
    }

    @Override
    Ending run() throws IOException, InterruptedException {
        if (worker.get() != null) {
            Worker.serve(worker.get());
            return Ending.completed(Json.object().put("status", "completed"), List.of());
        }
        if (sink.get() == null && compare.get().isEmpty()) {
            return like.get().isEmpty() && !rehearse.get() ? test() : rehearse();
        }
        if (!like.get().isEmpty() || rehearse.get()) {
            throw new ConfigException("--like and --rehearse must be without --compare and --sink: like=" + like.get());
        }
        if (sink.get() != null) {
            Sink.serve(RehearsalSubject.sink(sink.get()), uri -> Stderr.announce("listening on " + uri));
            return Ending.completed(Json.object().put("status", "completed"), List.of());
        }
        if (!files.get().isEmpty()) {
            throw new ConfigException("--compare must be without scenarios: scenarios=" + files.get());
        }
        if (compare.get().size() != 2) {
            throw new ConfigException("--compare must be with two reports: reports=" + compare.get());
        }
        return ComparisonEnding.of(Comparison.of(
                Report.read(compare.get().get(0)), Report.read(compare.get().get(1))));
    }

    private Ending test() throws IOException, InterruptedException {
        if (files.get().isEmpty()) {
            throw new ConfigException(
                    "scenario must be given: one file or more, such as perf/scenarios/quick.scenario");
        }
        List<Scenario> scenarios = new ArrayList<>();
        for (Path file : files.get()) {
            scenarios.addAll(ScenarioFile.read(file, overrides.get()));
        }
        if (scenarios.stream().map(Scenario::name).distinct().count() != scenarios.size()) {
            throw new ConfigException("scenarios must have names of their own: files=" + files.get());
        }
        // Before a test that takes hours, not after it.
        ReportFolder.requireWritable(reports.get());
        Environment environment = Environment.here(new Version().getVersion()[0]);
        ZonedDateTime created = ZonedDateTime.now();
        LoadResult result;
        try (LoadTest test =
                LoadTest.open(worker(), Optional.ofNullable(qemu.get()), Optional.empty(), work.get(), LOG::info)) {
            result = test.run(scenarios);
        }
        String first = files.get().getFirst().getFileName().toString().replaceFirst("\\.scenario$", "");
        String name =
                files.get().size() == 1 ? first : first + "-and-" + (files.get().size() - 1) + "-more";
        Path folder = ReportFolder.write(reports.get(), name, created, environment, result);
        return LoadTestEnding.of(Report.read(folder), result, folder);
    }

    private Ending rehearse() throws IOException, InterruptedException {
        if (files.get().size() > 1 || runs.get() < 0) {
            throw new ConfigException("--like must be with one scenario at most, and runs not be negative: scenarios="
                    + files.get() + " runs=" + runs.get());
        }
        RehearsalSubject subject = RehearsalSubject.parse(like.get());
        Rehearsal.Plan plan = subject.plan(files.get().stream().findFirst(), overrides.get(), runs.get());
        Environment environment = Environment.here(new Version().getVersion()[0]);
        ZonedDateTime created = ZonedDateTime.now();
        Rehearsal.Outcome outcome;
        try (LoadTest test =
                LoadTest.open(worker(), Optional.ofNullable(qemu.get()), plan.sink(), work.get(), LOG::info)) {
            outcome = new Rehearsal(plan, test).run();
        }
        Path folder = ReportFolder.write(
                reports.get(),
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
