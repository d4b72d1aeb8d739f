package io.pageferry.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * Waits for what other processes bring about, with one deadline for all of it: long enough for any machine that gets
 * there at all.
 */
public final class Eventually {
    public static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

    private Eventually() {}

    public static void until(String what, Callable<Boolean> condition) {
        await(what).until(condition);
    }

    /** The same, ready for more conditions. */
    public static ConditionFactory await(String what) {
        return Awaitility.await(what)
                .atMost(DEADLINE)
                .pollInterval(POLL_INTERVAL)
                .pollDelay(Duration.ZERO);
    }
}
