package io.pageferry.send;

import io.pageferry.config.ByteSize;
import io.pageferry.config.TimeSpan;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.PrecopyStatus;
import java.time.Duration;

/**
 * Decides after each round of a running guest whether the rest can be sent while it stands still, by
 * {@link Convergence}, and tells how it goes. Belongs to the main thread.
 */
final class Precopy {
    private final Duration downtimeLimit;
    private final Convergence convergence;
    private final MigrationStats stats;
    private int round;

    Precopy(Duration downtimeLimit, MigrationStats stats) {
        this.downtimeLimit = downtimeLimit;
        this.convergence = new Convergence(downtimeLimit);
        this.stats = stats;
    }

    /**
     * Looks at a round that has ended.
     *
     * @param roundBytes the pages it began with; zero pages among them cost next to nothing to send
     * @param sentBytes what it sent
     * @param remainingBytes the pages that were dirtied while it did
     * @return whether to switch over now
     * @throws DoesNotConvergeException where that is the verdict
     */
    boolean canSwitchOver(long roundBytes, long sentBytes, long nanos, long remainingBytes)
            throws DoesNotConvergeException {
        round++;
        double seconds = Math.max(nanos, 1) / 1e9;
        Convergence.Decision decision = convergence.afterRound(roundBytes, sentBytes, seconds, remainingBytes);
        double dirtyRate = remainingBytes / seconds;
        stats.precopy(new PrecopyStatus(
                round,
                remainingBytes,
                convergence.bandwidth(),
                dirtyRate,
                convergence.expectedDowntimeNanos(),
                convergence.converges()));
        if (decision == Convergence.Decision.GIVE_UP) {
            throw new DoesNotConvergeException("guest must dirty less than is sent, it will not converge: rounds="
                    + round
                    + " dirty-rate=" + perSecond(dirtyRate) + " bandwidth=" + perSecond(convergence.bandwidth())
                    + " expected-downtime=" + TimeSpan.format(convergence.expectedDowntimeNanos())
                    + " downtime-limit=" + TimeSpan.format(downtimeLimit.toNanos()));
        }
        return decision == Convergence.Decision.SWITCH_OVER;
    }

    private static String perSecond(double bytes) {
        return ByteSize.format((long) bytes) + "/s";
    }
}
