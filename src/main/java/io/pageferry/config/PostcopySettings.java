package io.pageferry.config;

import java.time.Duration;

/**
 * How a guest is sent by postcopy, besides what every migration has.
 *
 * @param preempt QEMU's {@code postcopy-preempt}: whether pages that the guest waits for go over a connection of their
 *     own; as the destination has it, since it waits for that connection
 * @param resume whether the guest runs at the destination already, and waits for pages after a break
 *     ({@code postcopy-paused})
 * @param retry how long after a break it is tried to go on; zero: not at all
 */
public record PostcopySettings(boolean preempt, boolean resume, Duration retry) {
    /** QEMU's own. */
    public static final PostcopySettings DEFAULTS = new PostcopySettings(false, false, Duration.ZERO);

    public PostcopySettings {
        if (retry.isNegative()) {
            throw new ConfigException("retry must not be negative: value=" + retry);
        }
    }

    /** The same with a channel of its own for what the guest waits for, or not. */
    public PostcopySettings withPreempt(boolean on) {
        return new PostcopySettings(on, resume, retry);
    }

    /** The same for a guest that runs there already. */
    public PostcopySettings resuming() {
        return new PostcopySettings(preempt, true, retry);
    }

    /** The same, which goes on after a break. */
    public PostcopySettings retryingFor(Duration newRetry) {
        return new PostcopySettings(preempt, resume, newRetry);
    }
}
