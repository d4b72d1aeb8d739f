package io.pageferry.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many connections wait for others of their guests: in all, of each host, and of each TLS identity. Guarded by its
 * {@link Gathering}.
 */
final class WaitingConnections {
    private final int maxConnections;
    private final HostShare share;
    private final int most;
    private final Map<String, Integer> byHost = new HashMap<>();
    private final Map<String, Integer> byIdentity = new HashMap<>();
    private int all;

    /**
     * Makes one of nobody.
     *
     * @param maxConnections how many there may be
     * @param share what one host may have of that, or one identity; a whole guest's in any case
     * @param ofOneGuest how many a guest has
     */
    WaitingConnections(int maxConnections, HostShare share, int ofOneGuest) {
        this.maxConnections = maxConnections;
        this.share = share;
        this.most = Math.max(ofOneGuest, share.of(maxConnections));
    }

    int all() {
        return all;
    }

    int of(String host) {
        return byHost.getOrDefault(host, 0);
    }

    /** Why nobody of a host can be let in, where that is so. */
    Optional<String> refusal(String host, String peer) {
        if (all >= maxConnections) {
            return Optional.of("connections that wait for others of their guests must be max-connections at the most:"
                    + " peer=" + peer + " waiting=" + all + " max-connections=" + maxConnections);
        }
        return refusal("host", host, of(host), peer);
    }

    private Optional<String> refusal(String kind, String name, int waiting, String peer) {
        if (waiting < most) {
            return Optional.empty();
        }
        return Optional.of("connections of one " + kind + " that wait for others of their guests must be host-share of"
                + " max-connections at the most: peer=" + peer + " " + kind + "=" + name + " waiting=" + waiting
                + " most=" + most + " host-share=" + share + " max-connections=" + maxConnections);
    }

    void enter(String host) {
        byHost.merge(host, 1, Integer::sum);
        all++;
    }

    /** Somebody who is in has proved who it is. If it is one too many it must {@link #leave}, and this says why. */
    Optional<String> prove(String identity, String peer) {
        int before = byIdentity.getOrDefault(identity, 0);
        byIdentity.put(identity, before + 1);
        return refusal("identity", identity, before, peer);
    }

    /**
     * Somebody goes.
     *
     * @param identity where it has proved one
     */
    void leave(String host, Optional<String> identity) {
        all--;
        decrement(byHost, host);
        identity.ifPresent(name -> decrement(byIdentity, name));
    }

    private static void decrement(Map<String, Integer> counts, String key) {
        counts.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }

    boolean isEmpty() {
        return all == 0 && byHost.isEmpty() && byIdentity.isEmpty();
    }
}
