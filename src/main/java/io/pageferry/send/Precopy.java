package io.pageferry.send;

import io.pageferry.config.ByteSize;
import io.pageferry.config.TimeSpan;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.PrecopyStatus;
import java.time.Duration;

/**
 * Decides after each round of a running guest whether the rest can be sent while it stands still. Belongs to the main
 * thread.
 *
 * <p>The rest can, if at the round's bandwidth it takes no longer than {@code downtime-limit}. It never will, if round
 * after round the guest dirties about as many pages as the round had: then the verdict is that it does not converge,
 * and after it has stood for some rounds the migration is given up.
 */
final class Precopy {
    /** A round that leaves more than this share of the pages it began with has gained nothing worth waiting for. */
    private static final double NO_GAIN = 0.95;

    /** QEMU throttles a guest after two such rounds; one more, and it is not a burst. */
    private static final int ROUNDS_TO_VERDICT = 3;

    private static final int ROUNDS_TO_GIVE_UP = 6;

    /** Rounds shorter than this say more of latency than of bandwidth. */
    private static final long TELLING_BYTES = 4L << 20;

    private final long downtimeLimitNanos;
    private final MigrationStats stats;
    private int round;
    private int roundsWithoutGain;
    private double bandwidth;

    Precopy(Duration downtimeLimit, MigrationStats stats) {
        this.downtimeLimitNanos = downtimeLimit.toNanos();
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
        if (sentBytes >= TELLING_BYTES || bandwidth == 0) {
            bandwidth = sentBytes / seconds;
        }
        long expectedNanos = bandwidth == 0 ? 0 : (long) (remainingBytes / bandwidth * 1e9);
        boolean switchOver = expectedNanos <= downtimeLimitNanos;
        roundsWithoutGain = !switchOver && remainingBytes >= roundBytes * NO_GAIN ? roundsWithoutGain + 1 : 0;
        stats.precopy(new PrecopyStatus(
                round,
                remainingBytes,
                bandwidth,
                remainingBytes / seconds,
                expectedNanos,
                roundsWithoutGain < ROUNDS_TO_VERDICT));
        if (roundsWithoutGain >= ROUNDS_TO_GIVE_UP) {
            throw new DoesNotConvergeException("guest must dirty less than is sent, it will not converge: rounds="
                    + round
                    + " dirty-rate=" + perSecond(remainingBytes / seconds) + " bandwidth=" + perSecond(bandwidth)
                    + " expected-downtime=" + TimeSpan.format(expectedNanos) + " downtime-limit="
                    + TimeSpan.format(downtimeLimitNanos));
        }
        return switchOver;
    }

    private static String perSecond(double bytes) {
        return ByteSize.format((long) bytes) + "/s";
    }
}
