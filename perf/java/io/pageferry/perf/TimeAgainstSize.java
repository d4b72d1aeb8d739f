package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How the time grows with the guest. It has a gibibyte of memory, over and over again ({@link FoldedGuest}), and goes
 * to a sink, which reads all of it into the same few pages: no machine needs room for the largest twice.
 */
@Command(name = "size", description = "Time against size.")
final class TimeAgainstSize implements Callable<Integer> {
    @Option(names = "--channels", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}.")
    private int channels;

    @Option(names = "--turns", defaultValue = "7", description = "Turns that count (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Option(
            names = "--sizes",
            split = ",",
            defaultValue = "256M,512M,1G,2G,4G,8G,16G",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<String> sizes;

    @Override
    public Integer call() throws Exception {
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        try (EndpointProcess receiver = EndpointProcess.start();
                EndpointProcess sender = EndpointProcess.start("1G")) {
            for (int turn = -1; turn < turns; turn++) {
                for (String size : sizes) {
                    Rate rate = sender.sendFolded(channels, receiver.receive(channels, "sink"), ByteSize.parse(size));
                    receiver.awaitReceived();
                    if (turn >= 0) {
                        seconds.computeIfAbsent(size, _ -> new ArrayList<>()).add(rate.nanos() / 1e9);
                        rates.computeIfAbsent(size, _ -> new ArrayList<>()).add(rate.gigabytesPerSecond());
                    }
                }
            }
        }
        print(seconds, rates);
        return 0;
    }

    /**
     * The line through the medians with the least sum of squared relative errors: small guests count as much as large
     * ones.
     */
    private void print(Map<String, List<Double>> seconds, Map<String, List<Double>> rates) {
        double w = 0;
        double wx = 0;
        double wy = 0;
        double wxx = 0;
        double wxy = 0;
        for (String size : sizes) {
            double x = ByteSize.parse(size) / 1e9;
            double y = Spread.of(seconds.get(size)).median();
            double weight = 1 / (y * y);
            w += weight;
            wx += weight * x;
            wy += weight * y;
            wxx += weight * x * x;
            wxy += weight * x * y;
        }
        double slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
        double start = (wy - slope * wx) / w;
        System.out.printf(Locale.ROOT, "%d channels: %.4f s + %.4f s/GB%n", channels, start, slope);
        for (String size : sizes) {
            double line = start + slope * ByteSize.parse(size) / 1e9;
            double median = Spread.of(seconds.get(size)).median();
            System.out.printf(
                    Locale.ROOT,
                    "%6s  %s s  %s GB/s  %+.1f %% off the line%n",
                    size,
                    Spread.of(seconds.get(size)),
                    Spread.of(rates.get(size)),
                    (median / line - 1) * 100);
        }
    }
}
