package io.pageferry.load.rehearsal;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.image.Image;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.run.LoadTest;
import io.pageferry.load.target.Sink;
import io.pageferry.memory.MemoryPageSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Measures a guest and a link, foretells what migrations will be like with each setting of a matrix, and runs the best
 * of them and what QEMU does by itself. Belongs to one thread.
 */
public final class Rehearsal {
    /** Of a guest that is made up: as much as is measured of any. */
    private static final long SAMPLE_BYTES = 64L << 20;

    private final Plan plan;
    private final LoadTest test;

    /**
     * What is to be done.
     *
     * @param scenarios the settings, all of the same guest
     * @param image of the guest, if it is a real one's
     * @param sink the other end of the link, if it is a real one
     * @param runs how many settings to run after the forecast
     */
    public record Plan(List<Scenario> scenarios, Optional<Path> image, Optional<MigrationUri.Tcp> sink, int runs) {}

    /**
     * What came of it: the report, and all migrations: those that were run, or, where there were none, those that the
     * link was measured with.
     */
    public record Outcome(RehearsalReport report, LoadResult result) {}

    public Rehearsal(Plan plan, LoadTest test) {
        this.plan = plan;
        this.test = test;
    }

    /** Does all of it. */
    public Outcome run() throws IOException, InterruptedException {
        GuestProfile guest = measureGuest();
        LinkMeter meter = new LinkMeter(test);
        Map<List<String>, LinkProfile> links = meter.measure(plan.scenarios);
        // From now on it is known that there is a sink: a QEMU would be used up by a single connection.
        Double roundTrip = plan.sink.isPresent() ? Sink.roundTripNanos(plan.sink.get()) / 1e9 : null;
        List<Ranking.Candidate> candidates = new ArrayList<>();
        List<RehearsalReport.Row> rows = new ArrayList<>();
        for (Scenario scenario : plan.scenarios) {
            RehearsalReport.Row row = forecast(scenario, guest, links.get(LinkMeter.key(scenario)));
            candidates.add(
                    new Ranking.Candidate(rows.size(), scenario.number(Setting.MULTIFD_CHANNELS), row.forecast()));
            rows.add(row);
        }
        List<Ranking.Candidate> ordered = Ranking.order(candidates);
        List<Integer> chosen = choose(ordered);
        Optional<String> shortage = LoadTest.memoryShortage(plan.scenarios);
        LoadResult result = new LoadResult(meter.probes());
        if (!chosen.isEmpty() && shortage.isEmpty()) {
            result = test.run(chosen.stream().map(plan.scenarios::get).toList());
            for (int i = 0; i < chosen.size(); i++) {
                rows.set(
                        chosen.get(i),
                        rows.get(chosen.get(i)).with(result.variants().get(i)));
            }
        }
        RehearsalReport report = new RehearsalReport(
                plan.image.map(Path::toString).orElse(null),
                plan.sink.map(MigrationUri.Tcp::toString).orElse(null),
                roundTrip,
                guest,
                List.copyOf(links.values()),
                ordered.stream().map(candidate -> rows.get(candidate.index())).toList(),
                Ranking.reason(ordered, rows.get(ordered.getFirst().index()).limit()),
                plan.runs == 0 ? null : shortage.orElse(null));
        return new Outcome(report, result);
    }

    private GuestProfile measureGuest() throws IOException, InterruptedException {
        Set<Codec> codecs =
                new LinkedHashSet<>(plan.scenarios.stream().map(Codec::of).toList());
        if (plan.image.isPresent()) {
            try (Image image = Image.open(plan.image.get(), 0, MigrationParameters.DEFAULT_MAX_RAM, false)) {
                return GuestMeter.measure(image, codecs);
            }
        }
        GuestShape shape = plan.scenarios.getFirst().guest(0);
        long bytes = Math.min(SAMPLE_BYTES, shape.sizeBytes());
        GuestShape sample = new GuestShape(bytes, 0, shape.zeroShare(), shape.compressibility(), shape.seed());
        try (SyntheticGuest guest = new SyntheticGuest(sample)) {
            GuestProfile profile = GuestMeter.measure(new MemoryPageSource(guest.memory()), codecs);
            return new GuestProfile(shape.sizeBytes(), profile.zeroShare(), profile.samplePages(), profile.codecs());
        }
    }

    private RehearsalReport.Row forecast(Scenario scenario, GuestProfile guest, LinkProfile link) {
        long size = scenario.size(Setting.SIZE);
        long workingSet = scenario.size(Setting.WORKING_SET);
        GuestLoad load = new GuestLoad(
                size, guest.zeroShare(), scenario.size(Setting.DIRTY_RATE), workingSet == 0 ? size : workingSet);
        Throughput speed = Throughput.of(
                guest.codecs().get(Codec.of(scenario).name()),
                link,
                scenario.size(Setting.MAX_BANDWIDTH),
                Runtime.getRuntime().availableProcessors(),
                plan.sink.isEmpty());
        Duration downtimeLimit = scenario.time(Setting.DOWNTIME_LIMIT);
        return new RehearsalReport.Row(
                label(scenario),
                speed.normalRate(),
                speed.limit(),
                PrecopyForecast.of(load, speed, downtimeLimit),
                downtimeLimit.toNanos() / 1e9,
                null);
    }

    /** What tells it from the others: its name has that behind the matrix's. */
    private static String label(Scenario scenario) {
        int plus = scenario.name().indexOf('+');
        return scenario.name().substring(plus + 1).replace('+', ' ');
    }

    /** The best, then what QEMU does by itself, to see what is won; then the next best ones. */
    private List<Integer> choose(List<Ranking.Candidate> ordered) {
        List<Integer> converging = ordered.stream()
                .filter(candidate -> candidate.forecast().converges())
                .map(Ranking.Candidate::index)
                .toList();
        Set<Integer> chosen = new LinkedHashSet<>();
        converging.stream().findFirst().ifPresent(chosen::add);
        converging.stream()
                .filter(index -> isQemusOwn(plan.scenarios.get(index)))
                .findFirst()
                .ifPresent(chosen::add);
        chosen.addAll(converging);
        return chosen.stream().limit(plan.runs).toList();
    }

    private static boolean isQemusOwn(Scenario scenario) {
        return scenario.is(Setting.MULTIFD_CHANNELS, Setting.MULTIFD_CHANNELS.standard())
                && scenario.is(Setting.MULTIFD_COMPRESSION, "none");
    }
}
