package io.pageferry.load.worker;

import io.pageferry.load.result.Turn;
import java.util.List;
import java.util.Map;

/**
 * One migration as its source has seen it. Moments are of {@link System#nanoTime}, which all processes of a machine
 * share.
 *
 * @param error why it failed, or null
 * @param startNanos when it began
 * @param endNanos when it ended
 * @param totalNanos since its first connection: {@code total-time}
 * @param setupNanos until all its connections were there
 * @param downtimeNanos for which the guest stood still
 * @param transferredBytes all bytes of all channels
 * @param normalPages pages that went with their bytes
 * @param duplicatePages zero pages
 * @param downtimeBytes those that went during the downtime
 * @param guestNanos processor time that the guest itself had, beside its migration
 * @param channelBytes bytes of each multifd channel
 * @param rounds what each round moved
 * @param samples how far it was, now and then
 * @param latencies histograms of nanoseconds, by metric, compressed, in Base64
 */
public record Sent(
        String error,
        long startNanos,
        long endNanos,
        long totalNanos,
        long setupNanos,
        long downtimeNanos,
        long transferredBytes,
        long normalPages,
        long duplicatePages,
        long downtimeBytes,
        long guestNanos,
        List<Long> channelBytes,
        List<Turn.Round> rounds,
        List<Sample> samples,
        Map<String, String> latencies) {

    /** How many bytes had been transferred at a moment. */
    public record Sample(long nanos, long transferredBytes) {}
}
