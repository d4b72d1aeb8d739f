package io.pageferry.server;

import io.pageferry.config.ConfigException;

/**
 * What the guests of one host, or of one TLS identity, may have of a server's limits, so that nobody alone can keep out
 * all others.
 *
 * @param part more than 0; 1: everything
 */
public record HostShare(double part) {
    /** A single busy hypervisor is the normal case. */
    public static final HostShare DEFAULT = new HostShare(0.75);

    public static final HostShare ALL = new HostShare(1);

    public HostShare {
        if (!(part > 0 && part <= 1)) {
            throw new ConfigException("host-share must be more than 0, and 1 at the most: value=" + part);
        }
    }

    /** How many that is of a limit: one at least, and rather one too many. */
    int of(int limit) {
        return (int) Math.ceil(limit * part);
    }

    @Override
    public String toString() {
        return String.valueOf(part);
    }
}
