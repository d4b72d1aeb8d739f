package io.pageferry.store;

import java.time.Duration;
import java.util.Optional;

/**
 * Which images a store keeps.
 *
 * @param count how many of each guest, the newest ones; 0: all
 * @param age how old they may become; empty: any age
 */
public record Retention(int count, Optional<Duration> age) {
    public static final Retention ALL = new Retention(0, Optional.empty());
}
