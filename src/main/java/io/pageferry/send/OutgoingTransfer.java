package io.pageferry.send;

import io.pageferry.config.MigrationParameters;
import io.pageferry.metrics.MigrationStats;
import java.util.UUID;

/**
 * What is sent, and how, wherever it goes.
 *
 * @param uuid the guest's, as its destination has it; all zero where none is set
 * @param bandwidth may change meanwhile
 * @param stats is told how it goes
 */
public record OutgoingTransfer(
        OutgoingGuest guest,
        UUID uuid,
        MigrationParameters parameters,
        BandwidthLimit bandwidth,
        MigrationStats stats) {

    /** A limiter for one thread that hands pages over. */
    public RateLimiter limiter() {
        return new RateLimiter(bandwidth, stats::transferredBytes);
    }
}
