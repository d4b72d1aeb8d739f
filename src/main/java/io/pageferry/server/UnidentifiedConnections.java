package io.pageferry.server;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Connections that have not said who they are. Guarded by their {@link Gathering}.
 *
 * @param <C> a connection
 */
final class UnidentifiedConnections<C> {
    private final Map<Realm.Origin, Integer> byOrigin = new HashMap<>();
    private final SequencedSet<PendingConnection<C>> inOrder = new LinkedHashSet<>();

    /** In the order in which they were accepted. */
    void add(PendingConnection<C> pending) {
        byOrigin.merge(pending.origin(), 1, Integer::sum);
        inOrder.add(pending);
    }

    /** It is none any more, but what comes of that is still to be looked at. */
    void isKnown(PendingConnection<C> pending) {
        byOrigin.merge(pending.origin(), -1, (count, less) -> count + less == 0 ? null : count + less);
    }

    /** That has been looked at. */
    void remove(PendingConnection<C> pending) {
        inOrder.remove(pending);
    }

    int on(Realm.Origin origin) {
        return byOrigin.getOrDefault(origin, 0);
    }

    /** A moment: whoever was accepted before has been looked at. */
    long horizon(long nowNanos) {
        return inOrder.isEmpty() ? nowNanos : inOrder.getFirst().acceptedNanos();
    }

    boolean isEmpty() {
        return byOrigin.isEmpty() && inOrder.isEmpty();
    }
}
