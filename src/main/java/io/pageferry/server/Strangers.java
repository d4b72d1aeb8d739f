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
final class Strangers<C> {
    private final Map<Realm.Way, Integer> byWay = new HashMap<>();
    private final SequencedSet<Caller<C>> inOrder = new LinkedHashSet<>();

    /** In the order in which they were accepted. */
    void add(Caller<C> caller) {
        byWay.merge(caller.way(), 1, Integer::sum);
        inOrder.add(caller);
    }

    /** It is none any more, but what comes of that is still to be looked at. */
    void isKnown(Caller<C> caller) {
        byWay.merge(caller.way(), -1, (count, less) -> count + less == 0 ? null : count + less);
    }

    /** That has been looked at. */
    void remove(Caller<C> caller) {
        inOrder.remove(caller);
    }

    int on(Realm.Way way) {
        return byWay.getOrDefault(way, 0);
    }

    /** A moment: whoever was accepted before has been looked at. */
    long horizon(long nowNanos) {
        return inOrder.isEmpty() ? nowNanos : inOrder.getFirst().acceptedNanos();
    }

    boolean isEmpty() {
        return byWay.isEmpty() && inOrder.isEmpty();
    }
}
