package io.pageferry.perf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How long some ways to do the same took, turn by turn, and how they compare with some of them. */
final class Times {
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    /** Takes a time up, and says it. */
    void add(String way, double took) {
        seconds.computeIfAbsent(way, _ -> new ArrayList<>()).add(took);
        System.out.printf(Locale.ROOT, "  %s %.2f", way, took);
        System.out.flush();
    }

    /** Forgets all: what was before was warming up. */
    void clear() {
        seconds.clear();
    }

    /**
     * Medians, and ratios within the turns.
     *
     * @param speed whether a ratio is how many times as fast, or how many times as long
     * @param bases the ways that others are held against
     */
    void print(boolean speed, String... bases) {
        System.out.printf("%n%n%-28s %-22s", "median (least to most)", "s");
        for (String base : bases) {
            System.out.printf(" %-22s", (speed ? "speed / " : "time / ") + base);
        }
        System.out.println();
        seconds.forEach((way, own) -> {
            System.out.printf("%-28s %-22s", way, Spread.of(own));
            for (String base : bases) {
                System.out.printf(" %-22s", Spread.of(ratios(own, seconds.get(base), speed)));
            }
            System.out.println();
        });
    }

    private static List<Double> ratios(List<Double> own, List<Double> others, boolean speed) {
        List<Double> ratios = new ArrayList<>();
        for (int turn = 0; turn < own.size(); turn++) {
            ratios.add(speed ? others.get(turn) / own.get(turn) : own.get(turn) / others.get(turn));
        }
        return ratios;
    }
}
