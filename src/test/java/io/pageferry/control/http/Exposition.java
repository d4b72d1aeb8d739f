package io.pageferry.control.http;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prometheus' text format (version 0.0.4), read by its rules: each family has its HELP and TYPE once and before its
 * samples, which stand together; no sample comes twice; a histogram's buckets do not fall and end with all.
 */
final class Exposition {
    private static final Pattern TYPE =
            Pattern.compile("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)");
    private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)");
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\"";
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{" + LABEL + "(?:," + LABEL
            + ")*})? (\\+Inf|-Inf|NaN|-?[0-9.]+(?:[eE][+-]?[0-9]+)?)");

    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, Double> samples = new TreeMap<>();

    static Exposition parse(String text) {
        if (!text.endsWith("\n")) {
            throw new AssertionError("last line must end");
        }
        Exposition all = new Exposition();
        Set<String> helped = new HashSet<>();
        String family = null;
        for (String line : text.lines().toList()) {
            Matcher help = HELP.matcher(line);
            Matcher type = TYPE.matcher(line);
            if (help.matches()) {
                require(helped.add(help.group(1)), line);
            } else if (type.matches()) {
                family = type.group(1);
                require(helped.contains(family) && all.types.put(family, type.group(2)) == null, line);
            } else {
                all.sample(family, line);
            }
        }
        all.requireWholeHistograms();
        return all;
    }

    private static void require(boolean rule, String line) {
        if (!rule) {
            throw new AssertionError("line must keep to the format: " + line);
        }
    }

    private void sample(String family, String line) {
        Matcher sample = SAMPLE.matcher(line);
        require(family != null && sample.matches(), line);
        String name = sample.group(1);
        boolean ofHistogram = types.get(family).equals("histogram")
                && List.of("_bucket", "_sum", "_count").contains(name.replaceFirst("^" + family, ""));
        boolean ofSummary = types.get(family).equals("summary")
                && List.of("_sum", "_count").contains(name.replaceFirst("^" + family, ""));
        require(name.equals(family) || ofHistogram || ofSummary, line);
        require(!types.get(family).equals("counter") || name.endsWith("_total"), line);
        String labels = sample.group(2) == null ? "" : sample.group(2);
        double value = sample.group(3).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(sample.group(3));
        require(samples.put(name + labels, value) == null, line);
    }

    private void requireWholeHistograms() {
        Map<String, TreeMap<Double, Double>> buckets = new HashMap<>();
        samples.forEach((key, value) -> {
            Matcher bound = Pattern.compile("_bucket\\{(.*),?le=\"([^\"]+)\"}").matcher(key);
            if (bound.find()) {
                String series = key.substring(0, bound.start()) + "_count{"
                        + bound.group(1).replaceFirst(",$", "") + "}";
                double le =
                        bound.group(2).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound.group(2));
                buckets.computeIfAbsent(series, any -> new TreeMap<>()).put(le, value);
            }
        });
        buckets.forEach((series, counts) -> {
            double before = 0;
            for (double count : counts.values()) {
                require(count >= before, series);
                before = count;
            }
            require(counts.lastKey() == Double.POSITIVE_INFINITY && samples.get(series) == before, series);
        });
    }

    /** Names of families with their types. */
    Map<String, String> types() {
        return types;
    }

    /** A sample by its name and labels as they are written. */
    double value(String series) {
        Double value = samples.get(series);
        if (value == null) {
            throw new AssertionError("sample must be there: " + series + " in " + samples.keySet());
        }
        return value;
    }

    Set<String> series() {
        return samples.keySet();
    }
}
