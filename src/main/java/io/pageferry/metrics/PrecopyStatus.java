package io.pageferry.metrics;

/**
 * Where the rounds of a live guest's precopy stand. Immutable.
 *
 * @param round the round that has ended last, 1 being the first
 * @param remainingBytes pages that were dirtied in the meantime
 * @param bandwidth bytes a second that the round went at
 * @param dirtyRate bytes a second that the guest dirtied in it
 * @param expectedDowntimeNanos how long the rest would take
 * @param converges whether it looks as if the guest could be switched over some day
 */
public record PrecopyStatus(
        int round,
        long remainingBytes,
        double bandwidth,
        double dirtyRate,
        long expectedDowntimeNanos,
        boolean converges) {}
