package io.pageferry.load.run;

import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * When migrations are due. It is said before the first one begins and does not change when they are slow: one that has
 * to wait for those before it has been due all the time, and its latency counts from then. A load that waits for its
 * own answers would leave those times out (coordinated omission).
 */
final class Arrivals {
    private static final double NANOS = 1e9;

    private Arrivals() {}

    /** Nanoseconds after the turn's start at which each migration is due, in order. */
    static long[] of(Scenario scenario) {
        long[] due = new long[scenario.number(Setting.MIGRATIONS)];
        double rate = scenario.fraction(Setting.ARRIVAL_RATE);
        if (rate == 0) {
            return due;
        }
        boolean poisson = scenario.is(Setting.ARRIVALS, "poisson");
        RandomGenerator random =
                RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create(scenario.size(Setting.SEED));
        double next = 0;
        for (int i = 0; i < due.length; i++) {
            due[i] = Math.round(next * NANOS);
            next += poisson ? -Math.log(1 - random.nextDouble()) / rate : 1 / rate;
        }
        return due;
    }
}
