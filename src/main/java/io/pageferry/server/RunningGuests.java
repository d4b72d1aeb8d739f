package io.pageferry.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many guests of each holder, a host or a TLS identity, are coming in, or are looked at once more. For any thread.
 */
final class RunningGuests {
    private final int maxMigrations;
    private final HostShare share;
    private final Map<String, Integer> byHolder = new HashMap<>(); // guarded by this

    RunningGuests(int maxMigrations, HostShare share) {
        this.maxMigrations = maxMigrations;
        this.share = share;
    }

    /** Counts a guest, or says why it must not come. Where a share is all there is, the limit itself says so. */
    synchronized Optional<String> enter(Set<String> holders) {
        int most = share.of(maxMigrations);
        for (String holder : holders) {
            int running = byHolder.getOrDefault(holder, 0);
            if (most < maxMigrations && running >= most) {
                return Optional.of(
                        "migrations of one host, or one identity, must be host-share of max-migrations at the"
                                + " most: " + holder + " running=" + running + " most=" + most + " host-share=" + share
                                + " max-migrations=" + maxMigrations);
            }
        }
        holders.forEach(holder -> byHolder.merge(holder, 1, Integer::sum));
        return Optional.empty();
    }

    synchronized void leave(Set<String> holders) {
        holders.forEach(holder -> byHolder.merge(holder, -1, (count, less) -> count + less == 0 ? null : count + less));
    }

    synchronized boolean isEmpty() {
        return byHolder.isEmpty();
    }
}
