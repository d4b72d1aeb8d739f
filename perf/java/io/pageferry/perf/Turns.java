package io.pageferry.perf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** What was measured of some ways to do the same, turn by turn, and how they compare with the first of them. */
final class Turns {
    private final Map<String, List<Run>> runs = new LinkedHashMap<>();

    /** One migration, as it was measured: source first, target second, where both are processes of their own. */
    record Run(Rate rate, List<Double> cpuSeconds) {
        double gigabytesPerSecond() {
            return rate.gigabytesPerSecond();
        }

        double cpuSecondsPerGigabyte() {
            return perGigabyte(
                    cpuSeconds.stream().mapToDouble(Double::doubleValue).sum());
        }

        double sourceSecondsPerGigabyte() {
            return perGigabyte(cpuSeconds.getFirst());
        }

        double targetSecondsPerGigabyte() {
            return perGigabyte(cpuSeconds.size() < 2 ? 0 : cpuSeconds.getLast());
        }

        private double perGigabyte(double seconds) {
            return seconds * 1e9 / rate.bytes();
        }
    }

    /** Takes a run up, and says it. */
    void add(String way, Run run) {
        runs.computeIfAbsent(way, _ -> new ArrayList<>()).add(run);
        System.out.printf(Locale.ROOT, "  %s %.2f (%.2f)", way, run.gigabytesPerSecond(), run.cpuSecondsPerGigabyte());
        System.out.flush();
    }

    /** Forgets all: what was before was warming up. */
    void clear() {
        runs.clear();
    }

    /** Medians, and ratios within the turns to those of the named ways that were measured. */
    void print(String... named) {
        List<String> bases = Stream.of(named).filter(runs::containsKey).toList();
        System.out.printf(
                "%n%n%-28s %-22s %-22s %-22s %-22s",
                "median (least to most)", "GB/s", "CPU s/GB, both ends", "source's", "target's");
        for (String base : bases) {
            System.out.printf(" %-22s %-22s", "rate / " + base, "CPU / " + base);
        }
        System.out.println();
        runs.forEach((way, own) -> {
            System.out.printf(
                    "%-28s %-22s %-22s %-22s %-22s",
                    way,
                    spread(own, Run::gigabytesPerSecond),
                    spread(own, Run::cpuSecondsPerGigabyte),
                    spread(own, Run::sourceSecondsPerGigabyte),
                    spread(own, Run::targetSecondsPerGigabyte));
            for (String base : bases) {
                List<Run> others = runs.get(base);
                List<Double> rates = new ArrayList<>();
                List<Double> costs = new ArrayList<>();
                for (int turn = 0; turn < own.size(); turn++) {
                    rates.add(own.get(turn).gigabytesPerSecond()
                            / others.get(turn).gigabytesPerSecond());
                    costs.add(own.get(turn).cpuSecondsPerGigabyte()
                            / others.get(turn).cpuSecondsPerGigabyte());
                }
                System.out.printf(" %-22s %-22s", Spread.of(rates), Spread.of(costs));
            }
            System.out.println();
        });
    }

    private static String spread(List<Run> runs, Function<Run, Double> figure) {
        return Spread.of(runs.stream().map(figure).toList()).toString();
    }
}
