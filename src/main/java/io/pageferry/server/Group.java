package io.pageferry.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What there is of one guest. Guarded by its {@link Gathering}.
 *
 * @param <C> a connection
 */
final class Group<C> {
    private final int size;
    private final Map<Integer, PendingConnection<C>> channels = new LinkedHashMap<>();
    private final List<PendingConnection<C>> surplus = new ArrayList<>();
    private PendingConnection<C> main;
    private boolean doubtful;

    /**
     * Makes one of nobody.
     *
     * @param size how many multifd channels a guest has
     */
    Group(int size) {
        this.size = size;
    }

    /** By id. */
    Map<Integer, PendingConnection<C>> channels() {
        return channels;
    }

    /** Null where there is none. */
    PendingConnection<C> main() {
        return main;
    }

    void main(PendingConnection<C> newMain) {
        main = newMain;
    }

    /** One whose place another one has: it is refused with all the others. */
    void addSurplus(PendingConnection<C> pending) {
        surplus.add(pending);
    }

    /** Whether its channels may be those of somebody whose main channel nobody knows. */
    boolean isDoubtful() {
        return doubtful;
    }

    void doubt() {
        doubtful = true;
    }

    boolean hasAllChannels() {
        return channels.size() == size;
    }

    List<PendingConnection<C>> all() {
        List<PendingConnection<C>> all = new ArrayList<>(channels.values());
        all.addAll(surplus);
        if (main != null) {
            all.add(main);
        }
        return all;
    }

    List<PendingConnection<C>> inOrder() {
        return channels.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** What is there, for people. */
    String there() {
        return "there=" + (main == null ? "[channels " : "[main channel, channels ")
                + channels.keySet().stream().sorted().toList() + "] multifd-channels=" + size
                + (surplus.isEmpty() ? "" : " twice=" + surplus.size());
    }
}
