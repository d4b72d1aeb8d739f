package io.pageferry.send;

import java.time.Duration;

/**
 * The arithmetic of precopy's rounds: after each one, whether the rest can be sent while the guest stands still. Knows
 * no clock and no guest, so that who foretells a migration decides as who makes it. Belongs to one thread.
 *
 * <p>The rest can be sent if at the round's bandwidth it takes no longer than {@code downtime-limit}. It never will, if
 * round after round the guest dirties about as many pages as the round had: then the verdict is that it does not
 * converge, and after it has stood for some rounds the migration is to be given up.
 */
public final class Convergence {
    /** What comes after a round. */
    public enum Decision {
        NEXT_ROUND,
        SWITCH_OVER,
        GIVE_UP
    }

    /** A round that leaves more than this share of the pages it began with has gained nothing worth waiting for. */
    private static final double NO_GAIN = 0.95;

    /** QEMU throttles a guest after two such rounds; one more, and it is not a burst. */
    private static final int ROUNDS_TO_VERDICT = 3;

    private static final int ROUNDS_TO_GIVE_UP = 6;

    /** Rounds shorter than this say more of latency than of bandwidth. */
    private static final long TELLING_BYTES = 4L << 20;

    private final long downtimeLimitNanos;
    private int roundsWithoutGain;
    private double bandwidth;
    private long expectedDowntimeNanos;

    public Convergence(Duration downtimeLimit) {
        this.downtimeLimitNanos = downtimeLimit.toNanos();
    }

    /**
     * Looks at a round that has ended.
     *
     * @param roundBytes the pages it began with; zero pages among them cost next to nothing to send
     * @param sentBytes what it sent
     * @param seconds how long it took, more than 0
     * @param remainingBytes the pages that were dirtied while it did
     */
    public Decision afterRound(double roundBytes, double sentBytes, double seconds, double remainingBytes) {
        if (sentBytes >= TELLING_BYTES || bandwidth == 0) {
            bandwidth = sentBytes / seconds;
        }
        expectedDowntimeNanos = bandwidth == 0 ? 0 : (long) (remainingBytes / bandwidth * 1e9);
        boolean switchOver = expectedDowntimeNanos <= downtimeLimitNanos;
        roundsWithoutGain = !switchOver && remainingBytes >= roundBytes * NO_GAIN ? roundsWithoutGain + 1 : 0;
        if (switchOver) {
            return Decision.SWITCH_OVER;
        }
        return roundsWithoutGain >= ROUNDS_TO_GIVE_UP ? Decision.GIVE_UP : Decision.NEXT_ROUND;
    }

    /** Bytes a second of the last round that could tell. */
    public double bandwidth() {
        return bandwidth;
    }

    /** How long the guest would have stood still, had the last round been followed by the switchover. */
    public long expectedDowntimeNanos() {
        return expectedDowntimeNanos;
    }

    /** Whether rounds still gain something, or have not gone on without gain for long. */
    public boolean converges() {
        return roundsWithoutGain < ROUNDS_TO_VERDICT;
    }
}
