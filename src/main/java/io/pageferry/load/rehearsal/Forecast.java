package io.pageferry.load.rehearsal;

import java.util.List;

/**
 * What a migration is expected to come to.
 *
 * @param converges whether it ends; where it does not, the figures are those up to the moment it is given up, and there
 *     is no downtime
 * @param rounds each one's, the last with the guest standing still
 * @param totalSeconds from the beginning to the end
 * @param downtimeSeconds for which the guest stands still
 * @param wireBytes on all channels
 * @param cpuSeconds of both ends, as far as they are known
 */
public record Forecast(
        boolean converges,
        List<Round> rounds,
        double totalSeconds,
        double downtimeSeconds,
        double wireBytes,
        double cpuSeconds) {

    /** A round: the bytes of the pages it has to send, zero ones too, and how long it takes. */
    public record Round(double bytes, double seconds) {}
}
