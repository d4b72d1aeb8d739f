package io.pageferry.server;

import io.pageferry.config.GuestUuid;
import io.pageferry.receive.Introduction;
import io.pageferry.server.Outcome.Guest;
import io.pageferry.server.Outcome.Refusal;
import io.pageferry.server.Realm.Key;
import io.pageferry.server.Realm.Origin;
import io.pageferry.server.RefusalLog.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Whose connection is whose, of those that have said who they are. By which rules is in {@linkplain io.pageferry.server
 * the room's map}. Guarded by its {@link Gathering}.
 *
 * @param <C> a connection
 */
final class Joining<C> {
    private static final long SETTLING_NANOS = Gathering.SETTLING_NANOS;
    private static final long LEAVING_NANOS = Gathering.LEAVING_NANOS;
    private static final String ADVICE = Gathering.ADVICE;

    private final int channels;
    private final LongSupplier clock;
    private final Predicate<C> hasLeft;
    private final UnidentifiedConnections<C> unidentified;
    private final AbandonedGuests abandoned;
    private final Map<Key, Group<C>> groups = new LinkedHashMap<>();
    private final Map<Realm, PendingConnection<C>> unnamedMains = new LinkedHashMap<>();

    /**
     * Makes one of nobody.
     *
     * @param unidentified who may still be anybody
     * @param maxParts as {@link AbandonedGuests} has it
     */
    Joining(
            int channels,
            LongSupplier clock,
            Predicate<C> hasLeft,
            UnidentifiedConnections<C> unidentified,
            int maxParts) {
        this.channels = channels;
        this.clock = clock;
        this.hasLeft = hasLeft;
        this.unidentified = unidentified;
        this.abandoned = new AbandonedGuests(channels, maxParts);
    }

    boolean isEmpty() {
        return groups.isEmpty() && unnamedMains.isEmpty() && abandoned.isEmpty(horizon());
    }

    /** A connection has said who it is. */
    void add(PendingConnection<C> pending, Realm realm, Introduction says, Outcome<C> outcome) {
        switch (says) {
            case Introduction.Main(Optional<UUID> uuid)
            when uuid.isPresent() && !uuid.get().equals(GuestUuid.NONE) ->
                addNamedMain(pending, new Key(realm, uuid.get()), outcome);
            case Introduction.Main _ -> addUnnamedMain(pending, realm, outcome);
            case Introduction.Channel(UUID uuid, int id) -> addChannel(pending, new Key(realm, uuid), id, outcome);
        }
    }

    /** Whether channels are here that may be a main channel's: one with a uuid has channels that say that, too. */
    boolean mayHaveChannels(PendingConnection<C> main) {
        return keyOf(main).isPresent()
                ? hasOwnChannels(main)
                : groups.entrySet().stream()
                        .anyMatch(entry -> entry.getKey().realm().equals(main.realm())
                                && entry.getValue().main() == null);
    }

    /** Whether channels are here that say that they are a main channel's. */
    boolean hasOwnChannels(PendingConnection<C> main) {
        return keyOf(main)
                .map(groups::get)
                .filter(group -> group.main() == main && !group.channels().isEmpty())
                .isPresent();
    }

    private Optional<Key> keyOf(PendingConnection<C> main) {
        return main.introduction() instanceof Introduction.Main(Optional<UUID> uuid)
                ? uuid.flatMap(GuestUuid::of).map(guest -> new Key(main.realm(), guest))
                : Optional.empty();
    }

    /** A main channel that brings its pages itself, and has no channels here: its guest is whole. */
    void completePlain(PendingConnection<C> main, boolean certain, Outcome<C> outcome) {
        Optional<Key> key = keyOf(main);
        key.ifPresentOrElse(groups::remove, () -> unnamedMains.remove(main.realm(), main));
        if (!certain) {
            // Its channels may come after all, and must not be joined to whoever waits here without a uuid.
            doubt(main.realm(), 1, "guest of its host must not seem to be without channels meanwhile", outcome);
        }
        outcome.complete().add(new Guest<>(key.map(Key::uuid), main, List.of()));
    }

    /** Somebody may have come to an address, and nobody knows who. */
    void missed(String address, Outcome<C> outcome) {
        doubt(address, 1, "no connection must be lost meanwhile", outcome);
        groups.keySet().stream()
                .map(key -> key.realm().origin())
                .filter(origin -> origin.address().equals(address))
                .distinct()
                .toList()
                .forEach(origin -> settle(origin, outcome));
    }

    /** Gives up those guests of whom a connection has been here since before a moment. */
    void expire(long sinceNanos, String reason, Outcome<C> outcome) {
        Set<Origin> affected = new LinkedHashSet<>();
        for (Map.Entry<Key, Group<C>> entry : List.copyOf(groups.entrySet())) {
            Key key = entry.getKey();
            Group<C> group = entry.getValue();
            if (isOld(group.all(), sinceNanos)) {
                String lacking = reason + ": uuid=" + key.uuid() + " " + group.there();
                if (group.main() == null) {
                    doubtOrphans(key.realm(), 1, lacking, outcome);
                }
                refuse(key, false, lacking, outcome);
                affected.add(key.realm().origin());
            } else if (group.hasAllChannels() || abandoned.mayComeTo(key.realm(), horizon())) {
                affected.add(key.realm().origin()); // all may have left by now, or it has become unsettled
            }
        }
        for (Map.Entry<Realm, PendingConnection<C>> entry : List.copyOf(unnamedMains.entrySet())) {
            Realm realm = entry.getKey();
            PendingConnection<C> main = entry.getValue();
            if (unnamedMains.get(realm) != main) {
                continue;
            }
            if (isOld(List.of(main), sinceNanos)) {
                doubt(realm, 0, reason + ": there=[main channel] multifd-channels=" + channels, outcome);
                affected.add(realm.origin());
            } else if (now() - main.introducedNanos() > LEAVING_NANOS && hasLeft.test(main.connection())) {
                // Now, and not when it comes again, which is not to be taken for two.
                unnamedMains.remove(realm);
                unsettle(realm, 1, now() + LEAVING_NANOS);
                refuseClosed(List.of(main), outcome);
                affected.add(realm.origin());
            }
        }
        affected.forEach(origin -> settle(origin, outcome));
    }

    private static <C> boolean isOld(List<PendingConnection<C>> all, long sinceNanos) {
        return all.stream().anyMatch(pending -> pending.acceptedNanos() - sinceNanos < 0);
    }

    private void addNamedMain(PendingConnection<C> main, Key key, Outcome<C> outcome) {
        if (abandoned.isContested(key, horizon())) {
            add(List.of(main), clash(key, "again=" + main.peer()), outcome);
            abandoned.add(key, 1, true, now() + SETTLING_NANOS, horizon());
            return;
        }
        Group<C> group = groups.computeIfAbsent(key, _ -> new Group<>(channels));
        dropClosed(key, group, main, outcome);
        if (group.main() == null) {
            group.main(main);
            groups.put(key, group);
            return;
        }
        PendingConnection<C> first = group.main();
        group.addSurplus(main);
        refuse(key, true, clash(key, "first=" + first.peer() + " second=" + main.peer()), outcome);
    }

    private static String clash(Key key, String peers) {
        return "migration must have one main channel, and each guest a uuid of its own: uuid=" + key.uuid() + " "
                + peers;
    }

    /**
     * A source that has given up comes again: what it has ended is not to be taken for a second guest, and even less
     * for a part of the same.
     */
    private void dropClosed(Key key, Group<C> group, PendingConnection<C> main, Outcome<C> outcome) {
        List<PendingConnection<C>> left = new ArrayList<>();
        boolean all = group.main() != null && addIfClosed(group.main(), left);
        if (all) {
            group.main(null);
            abandoned.add(key, 1, false, now() + LEAVING_NANOS, horizon());
        }
        group.channels()
                .values()
                .removeIf(channel -> channel.isBefore(main) && (all ? left.add(channel) : addIfClosed(channel, left)));
        refuseClosed(left, outcome);
    }

    private void refuseClosed(List<PendingConnection<C>> left, Outcome<C> outcome) {
        if (!left.isEmpty()) {
            add(
                    left,
                    "source must not close connections before all are there: peers="
                            + left.stream().map(PendingConnection::peer).toList(),
                    outcome);
        }
    }

    private boolean addIfClosed(PendingConnection<C> pending, List<PendingConnection<C>> left) {
        return hasLeft.test(pending.connection()) && left.add(pending);
    }

    private void addUnnamedMain(PendingConnection<C> main, Realm realm, Outcome<C> outcome) {
        PendingConnection<C> first = unnamedMains.get(realm);
        if (first == null && !abandoned.mayComeTo(realm, horizon())) {
            unnamedMains.put(realm, main);
            return;
        }
        String reason = first != null
                ? "main channel without a uuid must be the only one of its host, " + ADVICE + ": peers="
                        + List.of(first.peer(), main.peer())
                : "main channel without a uuid must not come while channels may of another guest that was given up, "
                        + ADVICE + ": peer=" + main.peer() + " for="
                        + TimeUnit.NANOSECONDS.toSeconds(abandoned.leftNanos(realm, now())) + "s";
        doubt(realm, 1, reason, outcome);
        add(List.of(main), reason, outcome);
    }

    private void addChannel(PendingConnection<C> channel, Key key, int id, Outcome<C> outcome) {
        Group<C> group = groups.computeIfAbsent(key, _ -> new Group<>(channels));
        if (group.main() != null && channel.isBefore(group.main()) && hasLeft.test(channel.connection())) {
            refuseClosed(List.of(channel), outcome); // of the same guest, before it came again
            return;
        }
        if (abandoned.mayComeTo(key.realm(), horizon())) {
            group.doubt();
        }
        PendingConnection<C> first = group.channels().putIfAbsent(id, channel);
        if (first != null && first.isBefore(channel) && hasLeft.test(first.connection())) {
            group.channels().put(id, channel);
            refuseClosed(List.of(first), outcome);
            return;
        }
        String reason = null;
        if (first != null) {
            group.addSurplus(channel);
            reason = "channel id must be new, " + ADVICE + ": uuid=" + key.uuid() + " channel=" + id + " first="
                    + first.peer() + " second=" + channel.peer();
        } else if (id >= channels) {
            reason = "channel id must be below multifd-channels, set it as the source has it: channel=" + id
                    + " multifd-channels=" + channels + " peer=" + channel.peer() + " uuid=" + key.uuid();
        }
        if (reason != null) {
            if (group.main() == null) {
                doubtOrphans(key.realm(), first == null ? 1 : 2, reason, outcome);
            }
            refuse(key, first != null, reason, outcome);
        }
    }

    /** Finds whole guests of one origin, and those that can never be one. */
    void settle(Origin origin, Outcome<C> outcome) {
        for (Map.Entry<Key, Group<C>> entry : ofOrigin(origin)) {
            if (entry.getValue().main() != null && entry.getValue().hasAllChannels()) {
                completeNamed(entry.getKey(), entry.getValue(), outcome);
            }
        }
        if (unidentified.on(origin) > 0) {
            return; // whoever that is may be a main channel that makes something else of the rest
        }
        refuseOrphans(origin, outcome);
        for (Map.Entry<Realm, PendingConnection<C>> entry : List.copyOf(unnamedMains.entrySet())) {
            if (entry.getKey().origin().equals(origin)) {
                settleUnnamed(entry.getKey(), entry.getValue(), outcome);
            }
        }
        refuseOrphans(origin, outcome);
    }

    /** Channels that came without a main one, and may be of somebody who was given up. */
    private void refuseOrphans(Origin origin, Outcome<C> outcome) {
        for (Map.Entry<Key, Group<C>> entry : ofOrigin(origin)) {
            Key key = entry.getKey();
            if (entry.getValue().main() == null
                    && (entry.getValue().isDoubtful()
                            || abandoned.mayComeOf(key, horizon())
                            || abandoned.mayComeTo(key.realm(), horizon()))) {
                String peer = entry.getValue().all().getFirst().peer();
                refuse(key, false, "channels must have a main channel: uuid=" + key.uuid() + " peer=" + peer, outcome);
            }
        }
    }

    private void completeNamed(Key key, Group<C> group, Outcome<C> outcome) {
        if (abandoned.mayComeOf(key, horizon())) {
            // They may be of an attempt that was given up.
            List<PendingConnection<C>> left = new ArrayList<>();
            group.channels().values().removeIf(channel -> addIfClosed(channel, left));
            refuseClosed(left, outcome);
        }
        if (group.hasAllChannels() && isOfOneSource(group.main(), group)) {
            complete(key, group.main(), outcome);
        }
    }

    /**
     * Who has ended the main channel ends the others too, at once: if they go on, they are of an attempt after that.
     */
    private boolean isOfOneSource(PendingConnection<C> main, Group<C> group) {
        return !hasLeft.test(main.connection())
                || group.channels().values().stream().allMatch(channel -> hasLeft.test(channel.connection()));
    }

    private void settleUnnamed(Realm realm, PendingConnection<C> main, Outcome<C> outcome) {
        List<Key> orphans = groups.entrySet().stream()
                .filter(entry ->
                        entry.getKey().realm().equals(realm) && entry.getValue().main() == null)
                .map(Map.Entry::getKey)
                .toList();
        if (orphans.size() > 1) {
            doubt(
                    realm,
                    orphans.size() - 1,
                    "main channel without a uuid must be the only one of its host, " + ADVICE + ": peer=" + main.peer()
                            + " guests=" + orphans.stream().map(Key::uuid).toList(),
                    outcome);
        } else if (orphans.size() == 1
                && groups.get(orphans.getFirst()).hasAllChannels()
                && isOfOneSource(main, groups.get(orphans.getFirst()))) {
            unnamedMains.remove(realm);
            complete(orphans.getFirst(), main, outcome);
        }
    }

    private List<Map.Entry<Key, Group<C>>> ofOrigin(Origin origin) {
        return groups.entrySet().stream()
                .filter(entry -> entry.getKey().realm().origin().equals(origin))
                .map(Map.Entry::copyOf)
                .toList();
    }

    private void complete(Key key, PendingConnection<C> main, Outcome<C> outcome) {
        Group<C> group = groups.remove(key);
        Guest<C> guest = new Guest<>(GuestUuid.of(key.uuid()), main, group.inOrder());
        outcome.complete().add(guest);
    }

    /**
     * The same because of channels of so many guests at least, whose main channels are not all known: each connection
     * that has not said who it is may be one.
     */
    private void doubtOrphans(Realm realm, int guests, String reason, Outcome<C> outcome) {
        int unknown = unidentified.on(realm.origin());
        doubt(realm, unnamedMains.containsKey(realm) ? guests - 1 + unknown : guests + unknown, reason, outcome);
    }

    /**
     * It is not known any more whose the channels are that have no main channel: gives up main channels in a place that
     * have no uuid. Their channels, which nobody knows, are refused as soon as all have said who they are.
     *
     * @param others how many guests may be given up of whom no such main channel is here
     */
    void doubt(Object place, int others, String reason, Outcome<C> outcome) {
        List<PendingConnection<C>> mains = new ArrayList<>();
        unnamedMains.entrySet().removeIf(entry -> entry.getKey().isAt(place) && mains.add(entry.getValue()));
        unsettle(place, mains.size() + others, now() + SETTLING_NANOS);
        if (!mains.isEmpty()) {
            add(mains, reason, outcome);
        }
    }

    private void unsettle(Object place, int guests, long untilNanos) {
        groups.forEach((key, group) -> {
            if (key.realm().isAt(place)) {
                group.doubt();
            }
        });
        abandoned.add(place, guests, false, untilNanos, horizon());
    }

    /** Gives up what there is of one guest. */
    private void refuse(Key key, boolean contested, String reason, Outcome<C> outcome) {
        Group<C> group = groups.remove(key);
        if (group.main() != null) {
            abandoned.add(key, contested ? 2 : 1, contested, now() + SETTLING_NANOS, horizon());
        }
        List<PendingConnection<C>> all = group.all();
        add(all, reason, outcome);
        for (PendingConnection<C> pending : all) {
            if (pending.introduction() instanceof Introduction.Channel(UUID _, int id)) {
                abandoned.seen(key, id);
            }
        }
    }

    private void add(List<PendingConnection<C>> refused, String reason, Outcome<C> outcome) {
        outcome.refused().add(new Refusal<>(refused, Rule.GATHERING, reason));
    }

    private long now() {
        return clock.getAsLong();
    }

    /** Whoever came before has been looked at. */
    private long horizon() {
        return unidentified.horizon(now());
    }
}
