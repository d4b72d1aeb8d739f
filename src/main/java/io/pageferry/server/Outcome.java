package io.pageferry.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What has come of a change in a {@link Gathering}.
 *
 * @param <C> a connection
 */
record Outcome<C>(List<Guest<C>> complete, List<Refusal<C>> refused) {
    Outcome() {
        this(new ArrayList<>(), new ArrayList<>());
    }

    /**
     * All connections of a guest.
     *
     * @param uuid as its channels have it; empty where it has none
     */
    record Guest<C>(Optional<UUID> uuid, PendingConnection<C> main, List<PendingConnection<C>> channels) {
        List<PendingConnection<C>> all() {
            List<PendingConnection<C>> all = new ArrayList<>(channels);
            all.addFirst(main);
            return all;
        }
    }

    /** Connections that are to be closed, and why. */
    record Refusal<C>(List<PendingConnection<C>> connections, RefusalLog.Rule rule, String reason) {}

    /**
     * What has come of a new connection.
     *
     * @param pending who it is, where it was let in
     */
    record Admission<C>(Optional<PendingConnection<C>> pending, Outcome<C> outcome) {}
}
