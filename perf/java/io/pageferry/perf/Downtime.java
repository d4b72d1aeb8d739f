package io.pageferry.perf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long a synthetic guest stands still, and how long it would have to: for what was left to send, at the rate of the
 * last round, which had mostly pages in a row; and at that of an ordinary round of single pages
 * ({@link ScatteredGuest}), which is what was left.
 */
@Command(
        name = "downtime",
        description = "The downtime of live guests, against what was left and the rate of the last round.")
final class Downtime implements Callable<Integer> {
    @Mixin
    private TurnOptions options;

    @Option(
            names = "--warm-up",
            defaultValue = "20",
            description = "Turns that do not count: on two processors JIT compilers take the time of those who send"
                    + " (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--size", defaultValue = "1G", description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(
            names = "--dirty-rates",
            split = ",",
            defaultValue = "50M,200M,500M,1G",
            description = "Bytes a second (default: ${DEFAULT-VALUE}).")
    private List<String> dirtyRates;

    @Override
    public Integer call() throws Exception {
        System.out.println(
                "dirty rate, channels: downtime, left to send, a round trip, what both take at the last round's rate,"
                        + " and downtime divided by it; single pages' rate in an ordinary round, and downtime divided"
                        + " by what both take at that");
        try (EndpointProcess receiver = EndpointProcess.start()) {
            for (String rate : dirtyRates) {
                try (EndpointProcess sender = EndpointProcess.start(size, rate)) {
                    for (int number : options.channels) {
                        compare(rate, number, sender, receiver);
                    }
                }
            }
        }
        return 0;
    }

    private void compare(String dirtyRate, int number, EndpointProcess sender, EndpointProcess receiver)
            throws Exception {
        List<Double> downtimes = new ArrayList<>();
        List<Double> leftovers = new ArrayList<>();
        List<Double> expected = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        List<Double> roundTrips = new ArrayList<>();
        List<Double> scatteredRates = new ArrayList<>();
        List<Double> scatteredRatios = new ArrayList<>();
        for (int turn = -warmUp; turn < options.turns; turn++) {
            EndpointProcess.Stop stop = sender.sendLive(number, receiver.receive(number, "warm"));
            receiver.awaitReceived();
            Rate scattered = sender.sendScattered(number, receiver.receive(number, "warm"));
            receiver.awaitReceived();
            if (turn >= 0) {
                long roundTripNanos = sender.roundTripNanosTo(receiver);
                double expectedNanos = stop.leftBytes() / stop.bytesPerSecond() * 1e9 + roundTripNanos;
                roundTrips.add(roundTripNanos / 1e6);
                downtimes.add(stop.nanos() / 1e6);
                leftovers.add(stop.leftBytes() / 1e6);
                expected.add(expectedNanos / 1e6);
                ratios.add(stop.nanos() / expectedNanos);
                scatteredRates.add(scattered.gigabytesPerSecond());
                scatteredRatios.add(
                        stop.nanos() / (stop.leftBytes() / scattered.gigabytesPerSecond() + roundTripNanos));
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%5s/s %d channels: %s ms, %s MB, %s ms, %s ms, %s; %s GB/s, %s%n",
                dirtyRate,
                number,
                Spread.of(downtimes),
                Spread.of(leftovers),
                Spread.of(roundTrips),
                Spread.of(expected),
                Spread.of(ratios),
                Spread.of(scatteredRates),
                Spread.of(scatteredRatios));
    }
}
