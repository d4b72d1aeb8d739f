package io.pageferry.load.run;

import io.pageferry.config.ByteSize;
import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.load.LoadException;
import io.pageferry.load.MachineMemory;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.link.Link;
import io.pageferry.load.result.Figures;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Turn;
import io.pageferry.load.target.Sink;
import io.pageferry.load.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Runs scenarios, each in all its turns. Several alternate, A B A B, so that what the machine does meanwhile falls on
 * all alike. Their processes stay until it is closed, so what runs later finds them warm. Belongs to one thread.
 */
public final class LoadTest implements AutoCloseable {
    /**
     * What guests and their copies may take of the memory that could be had: the rest is the processes' own, and the
     * page cache's.
     */
    private static final double MEMORY_SHARE = 0.8;

    private final TestbedPool pool;
    private final Optional<Path> qemu;
    private final Consumer<String> progress;

    private LoadTest(TestbedPool pool, Optional<Path> qemu, Consumer<String> progress) {
        this.pool = pool;
        this.qemu = qemu;
        this.progress = progress;
    }

    /**
     * Makes ready for scenarios.
     *
     * @param worker runs {@link Worker#serve} for the path that is added to it
     * @param qemu the binary that scenarios with the target qemu need
     * @param sink the {@link Sink} that takes all guests in place of a process of this machine, or nothing
     * @param folder where images go meanwhile
     * @param progress is told a line a turn
     */
    public static LoadTest open(
            List<String> worker,
            Optional<Path> qemu,
            Optional<MigrationUri.Tcp> sink,
            Path folder,
            Consumer<String> progress)
            throws IOException {
        return new LoadTest(TestbedPool.create(worker, sink, folder), qemu, progress);
    }

    /** A scenario's turns as they come. */
    private static final class Collected {
        private final List<Turn> warmUp = new ArrayList<>();
        private final List<Turn> turns = new ArrayList<>();
        private final List<Map<String, Histogram>> latencies = new ArrayList<>();
    }

    /** Runs all turns of all scenarios. */
    public LoadResult run(List<Scenario> scenarios) throws IOException, InterruptedException {
        for (Scenario scenario : scenarios) {
            scenario.parameters(Optional.empty());
            if (scenario.is(Setting.TARGET, "qemu")) {
                requireQemu(scenario);
            }
        }
        requireMemory(scenarios);
        Link.require(scenarios.stream().map(Link.Shape::of).toList());
        Map<Scenario, Collected> collected = new LinkedHashMap<>();
        scenarios.forEach(scenario -> collected.put(scenario, new Collected()));
        int first = -scenarios.stream()
                .mapToInt(each -> each.number(Setting.WARM_UP))
                .max()
                .orElse(0);
        int last = scenarios.stream()
                .mapToInt(each -> each.number(Setting.TURNS))
                .max()
                .orElse(0);
        for (int number = first + 1; number <= last; number++) {
            for (Scenario scenario : scenarios) {
                if (number > -scenario.number(Setting.WARM_UP) && number <= scenario.number(Setting.TURNS)) {
                    runTurn(scenario, number, collected.get(scenario));
                }
            }
        }
        return result(collected);
    }

    private void requireQemu(Scenario scenario) {
        if (qemu.isEmpty()) {
            throw new ConfigException("target qemu must be given: --qemu PATH: scenario=" + scenario.name());
        }
        Path binary = qemu.get();
        boolean isLookedUp = binary.getParent() == null; // by its name, where programs are
        if (!isLookedUp && !Files.isExecutable(binary)) {
            throw new ConfigException("target qemu must be a program: --qemu=" + binary);
        }
    }

    private void runTurn(Scenario scenario, int number, Collected into) throws IOException, InterruptedException {
        long start = System.currentTimeMillis();
        Link.Shape shape = Link.Shape.of(scenario);
        TurnFigures figures;
        // At once: what the turn before has freed is still warm.
        try (Ballast ballast = new Ballast(scenario.arrivingBytes())) {
            ballast.hold();
            if (scenario.is(Setting.PROCESSES, "fresh")) {
                try (Testbed fresh = pool.fresh(shape)) {
                    figures = TurnRunner.run(scenario, fresh, qemu, ballast);
                }
            } else {
                figures = TurnRunner.run(scenario, pool.warm(shape), qemu, ballast);
            }
        }
        Turn turn = figures.turn(number, start);
        progress.accept(describe(scenario, turn));
        if (number > 0) {
            into.turns.add(turn);
            into.latencies.add(figures.latencies());
        } else {
            into.warmUp.add(turn);
        }
    }

    private static String describe(Scenario scenario, Turn turn) {
        String name = turn.number() > 0 ? "turn " + turn.number() : "warm-up";
        if (turn.completed() == 0) {
            return String.format("%-8s %s: failed", name, scenario.name());
        }
        return String.format(
                "%-8s %s: %s GB/s, completion %s ms, downtime %s ms%s",
                name,
                scenario.name(),
                Figures.format(turn.metric(Metric.RATE)),
                Figures.format(turn.metric(Metric.COMPLETION)),
                Figures.format(turn.metric(Metric.DOWNTIME)),
                turn.errors().isEmpty() ? "" : ", " + turn.errors().size() + " failed");
    }

    private static LoadResult result(Map<Scenario, Collected> collected) {
        List<LoadResult.Variant> variants = new ArrayList<>();
        collected.forEach((scenario, turns) -> {
            Map<String, String> values = new TreeMap<>();
            scenario.values().forEach((setting, value) -> values.put(setting.key(), value));
            variants.add(new LoadResult.Variant(
                    scenario.name(), values, turns.warmUp, turns.turns, List.copyOf(turns.latencies)));
        });
        return new LoadResult(variants);
    }

    private static void requireMemory(List<Scenario> scenarios) throws LoadException {
        Optional<String> shortage = memoryShortage(scenarios);
        if (shortage.isPresent()) {
            throw new LoadException(shortage.get());
        }
    }

    /**
     * Why this machine's memory does not suffice for all of the scenarios, where that is so. Each kind of link has
     * processes of its own, whose guests stay; what arrives goes when its turn is over.
     */
    public static Optional<String> memoryShortage(List<Scenario> scenarios) {
        Map<Link.Shape, Long> staying = new HashMap<>();
        long arriving = 0;
        for (Scenario scenario : scenarios) {
            staying.merge(Link.Shape.of(scenario), scenario.guestBytes(), Math::max);
            arriving = Math.max(arriving, scenario.arrivingBytes());
        }
        // Not summed up in a long: each of them may be close to the largest there is.
        double needed = staying.values().stream().mapToDouble(Long::doubleValue).sum() + arriving;
        double available = MachineMemory.availableBytes() * MEMORY_SHARE;
        return needed <= available
                ? Optional.empty()
                : Optional.of("memory must suffice for guests and what arrives of them: needed="
                        + ByteSize.format((long) needed) + " available=" + ByteSize.format((long) available));
    }

    /** Ends the processes and removes all files. */
    @Override
    public void close() throws IOException {
        pool.close();
    }
}
