package io.pageferry.load.rehearsal;

import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.result.LoadResult;
import io.pageferry.load.result.Metric;
import io.pageferry.load.result.Statistics;
import io.pageferry.load.run.LoadTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures a link with short migrations of guests that stand still: a tiny one, a larger one, and one of zeros. What
 * the tiny one takes is what any takes; the rest of the larger one's time is that of its bytes. The larger one's
 * downtime is what any guest's takes, and what that of one takes longer that has dirtied a part of its memory
 * meanwhile, is the time of those pages. Belongs to one thread.
 */
final class LinkMeter {
    private static final long TINY = 64L << 10;
    private static final long SMALL = 4L << 20;
    private static final long ZEROS = 128L << 20;

    /**
     * Of the larger guest: as much as goes in about this time, but enough to tell, and not more than a small machine
     * has.
     */
    private static final double SECONDS = 0.5;

    /** Turns before each: the first link is measured by processes whose JIT compiler has seen nothing yet. */
    private static final String WARM_UP = "8";

    private static final long LEAST = 4 * SMALL;
    private static final long MOST = 256L << 20;
    private static final String TURNS = "5";

    /**
     * Which share of its pages a guest has dirtied when it is stopped: enough to tell, and few enough to have no
     * neighbours.
     */
    private static final double DIRTIED = 1 / 8.0;

    /** Longer than any probe's rest takes. */
    private static final String LONG = "1000s";

    private static final Map<Setting, String> STILL = Map.of(
            Setting.DIRTY_RATE, "0",
            Setting.WORKING_SET, "0",
            Setting.CONTENTS, "random",
            Setting.COMPRESSIBILITY, "0",
            Setting.ZERO_SHARE, "0",
            Setting.MULTIFD_COMPRESSION, "none",
            Setting.MAX_BANDWIDTH, "0",
            Setting.GUESTS, "1",
            Setting.MIGRATIONS, "1",
            Setting.PROCESSES, "warm");

    private final LoadTest test;
    private final List<LoadResult.Variant> probes = new ArrayList<>();

    LinkMeter(LoadTest test) {
        this.test = test;
    }

    /** What decides how a link behaves: all scenarios that agree in these are measured once. */
    private static final List<Setting> LINK = List.of(
            Setting.MULTIFD_CHANNELS,
            Setting.TLS,
            Setting.TARGET,
            Setting.DESTINATION,
            Setting.ZERO_COPY_SEND,
            Setting.LINK_LATENCY,
            Setting.LINK_LOSS,
            Setting.LINK_RATE);

    /** The settings of a scenario that its link's profile goes by. */
    static List<String> key(Scenario scenario) {
        return LINK.stream().map(scenario::text).toList();
    }

    /** Measures the links of scenarios, each kind once. */
    Map<List<String>, LinkProfile> measure(Collection<Scenario> scenarios) throws IOException, InterruptedException {
        Map<List<String>, LinkProfile> profiles = new LinkedHashMap<>();
        for (Scenario scenario : scenarios) {
            if (!profiles.containsKey(key(scenario))) {
                profiles.put(key(scenario), measure(scenario, profiles.size() + 1));
            }
        }
        return profiles;
    }

    /** All migrations that were made for it. */
    List<LoadResult.Variant> probes() {
        return probes;
    }

    private LinkProfile measure(Scenario like, int number) throws IOException, InterruptedException {
        Scenario small = probe(like, "small-" + number, SMALL, "0", "1");
        double first = seconds(run(small));
        long size = Math.clamp((long) (SMALL / first * SECONDS), LEAST, MOST) / SMALL * SMALL;
        // One after the other: the source makes each guest once.
        List<LoadResult.Variant> variants = new ArrayList<>();
        variants.add(run(probe(like, "probe-tiny-" + number, TINY, "0", TURNS)));
        variants.add(run(probe(like, "probe-large-" + number, size, "0", TURNS)));
        variants.add(run(probe(like, "probe-zeros-" + number, ZEROS, "1", TURNS)));
        LoadResult.Variant large = variants.get(1);
        double setup = seconds(variants.get(0));
        double seconds = seconds(large);
        // Noise can make nonsense of a difference; the whole then says at least the order of magnitude.
        double rate = size / (seconds > setup * 1.2 ? seconds - setup : seconds);
        variants.add(run(liveProbe(like, "probe-live-" + number, size, rate)));
        probes.addAll(variants);
        // Of the larger one: what is in the sockets' buffers when the guest stops must arrive too.
        double switching = median(large, Metric.DOWNTIME) / 1e3;
        double zeros = ZEROS / Math.max(1e-6, seconds(variants.get(2)) - setup);
        return new LinkProfile(
                like.number(Setting.MULTIFD_CHANNELS),
                rate,
                scatteredRate(variants.get(3), switching, rate),
                zeros,
                setup,
                switching,
                median(large, Metric.SOURCE_CPU) / 1e9,
                median(large, Metric.TARGET_CPU) / 1e9);
    }

    /** A guest that dirties its share while all of it is sent once; then it is stopped, whatever that leaves. */
    private static Scenario liveProbe(Scenario like, String name, long size, double rate) {
        return probe(like, name, size, "0", TURNS)
                .with(
                        name,
                        Map.of(
                                Setting.DIRTY_RATE,
                                "" + Math.max(1, (long) (-Math.log1p(-DIRTIED) * rate)),
                                Setting.DOWNTIME_LIMIT,
                                LONG));
    }

    /** The median of the turns' rates, at which what was left went in the time beyond that of any downtime. */
    private static double scatteredRate(LoadResult.Variant live, double switchSeconds, double rate) {
        List<Double> rates = live.turns().stream()
                .filter(turn -> turn.completed() > 0)
                .map(turn -> turn.lastRoundBytes() / Math.max(1e-6, turn.metric(Metric.DOWNTIME) / 1e3 - switchSeconds))
                .toList();
        // Pages without neighbours are not faster than others; where it seems so, it is noise.
        return Math.min(rate, Statistics.median(rates));
    }

    private static Scenario probe(Scenario like, String name, long size, String zeroShare, String turns) {
        Map<Setting, String> changes = new HashMap<>(STILL);
        changes.put(Setting.SIZE, "" + size);
        changes.put(Setting.ZERO_SHARE, zeroShare);
        changes.put(Setting.TURNS, turns);
        changes.put(Setting.WARM_UP, WARM_UP);
        return like.with(name, changes);
    }

    private LoadResult.Variant run(Scenario scenario) throws IOException, InterruptedException {
        LoadResult result = test.run(List.of(scenario));
        if (result.failed() > 0) {
            throw new LoadException("link must carry short migrations: reason=\"" + result.firstError() + "\"");
        }
        return result.variants().getFirst();
    }

    private static double seconds(LoadResult.Variant variant) {
        return median(variant, Metric.COMPLETION) / 1e3;
    }

    static double median(LoadResult.Variant variant, Metric metric) {
        return Statistics.median(variant.figures(metric));
    }
}
