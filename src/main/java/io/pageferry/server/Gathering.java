package io.pageferry.server;

import io.pageferry.receive.Introduction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Joins connections of any number of guests to whole ones: a main channel and N multifd channels. Pure: says what is to be done, and does nothing. For any
 * thread.
 *
 * <p>Only connections that come to one address, from one source host and, under TLS, of one identity can be of one guest. Among those:
 *
 * <ol>
 *   <li>Multifd channels with the same uuid are of one guest.
 *   <li>A main channel that has a uuid ({@code validate-uuid}) is of the guest whose channels have it.
 *   <li>A main channel that has none is joined to channels only where nothing else can be meant: it is the only such one, there are channels of one
 *       guest only that lack a main channel, and nobody from there has yet to say who it is.
 *   <li>Before anybody is refused because of others, those are forgotten whose source has closed them: it has given up, and comes again.
 *   <li>Where more could be meant, all that could be are refused, and until nobody has come from their host for {@link #SETTLING_NANOS}, main channels without a uuid
 *       are refused too: channels of a guest that was refused may still be on their way. Pages of one guest in another one would be noticed by nobody.
 * </ol>
 *
 * @param <C> a connection
 */
final class Gathering<C> {
    /** A source that lost its main channel stops to connect others within some round trips. */
    static final long SETTLING_NANOS = TimeUnit.SECONDS.toNanos(1);

    static final String ADVICE =
            "set validate-uuid in the source, whose guest needs a uuid, or listen at one port for each";

    private static final UUID NO_UUID = new UUID(0, 0);

    /**
     * All connections of a guest.
     *
     * @param uuid as its channels have it; empty where it has none
     */
    record Guest<C>(Optional<UUID> uuid, Caller<C> main, List<Caller<C>> channels) {
        List<Caller<C>> all() {
            List<Caller<C>> all = new ArrayList<>(channels);
            all.addFirst(main);
            return all;
        }
    }

    /** Connections that are to be closed, and why. */
    record Refusal<C>(List<Caller<C>> callers, String reason) {}

    /** What has come of a change. */
    record Outcome<C>(List<Guest<C>> complete, List<Refusal<C>> refused) {
        Outcome() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    /** Where connections come to, and from where. */
    record Way(String door, String host) {}

    /** Who may be of one guest. */
    private record Realm(Way way, Optional<String> identity) {}

    private record Key(Realm realm, UUID uuid) {}

    /** What there is of one guest. */
    private static final class Group<C> {
        private final Map<Integer, Caller<C>> channels = new LinkedHashMap<>();
        private Caller<C> main;

        List<Caller<C>> all() {
            List<Caller<C>> all = new ArrayList<>(channels.values());
            if (main != null) {
                all.add(main);
            }
            return all;
        }
    }

    private final int channels;
    private final LongSupplier clock;
    private final Predicate<C> hasLeft;

    // All guarded by this.
    private final Map<Way, Integer> strangers = new HashMap<>(); // those that have not said who they are
    private final Map<String, Integer> callers = new HashMap<>(); // by host: all
    private final Map<Key, Group<C>> groups = new LinkedHashMap<>();
    private final Map<Realm, List<Caller<C>>> unnamedMains = new LinkedHashMap<>();
    private final Map<Way, Long> unsettled = new LinkedHashMap<>(); // when somebody came last
    private int waiting;

    /**
     * Makes one that is empty.
     *
     * @param hasLeft whether the peer has ended a connection
     */
    Gathering(int channels, LongSupplier clock, Predicate<C> hasLeft) {
        this.channels = channels;
        this.clock = clock;
        this.hasLeft = hasLeft;
    }

    /** How many connections are here. */
    synchronized int waiting() {
        return waiting;
    }

    /** And from one host. */
    synchronized int waiting(String host) {
        return callers.getOrDefault(host, 0);
    }

    /**
     * Somebody has connected.
     *
     * @param door where: all connections of a guest come to the same one
     * @param host where from
     */
    synchronized Caller<C> accepted(C connection, String door, String host, String peer) {
        long now = clock.getAsLong();
        Caller<C> caller = new Caller<>(connection, door, host, peer, now);
        unsettled.values().removeIf(stirred -> now - stirred > SETTLING_NANOS);
        unsettled.computeIfPresent(caller.way(), (_, _) -> now);
        strangers.merge(caller.way(), 1, Integer::sum);
        callers.merge(host, 1, Integer::sum);
        waiting++;
        return caller;
    }

    /** A connection has said who it is. */
    synchronized Outcome<C> introduced(Caller<C> caller, Optional<String> identity, Introduction says) {
        Outcome<C> outcome = new Outcome<>();
        decrement(strangers, caller.way());
        caller.introduce(identity, says);
        Realm realm = new Realm(caller.way(), identity);
        switch (says) {
            case Introduction.Main(Optional<UUID> uuid)
            when uuid.isPresent() && !uuid.get().equals(NO_UUID) ->
                addNamedMain(caller, new Key(realm, uuid.get()), outcome);
            case Introduction.Main _ -> addUnnamedMain(caller, realm, outcome);
            case Introduction.Channel(UUID uuid, int id) -> addChannel(caller, new Key(realm, uuid), id, outcome);
        }
        settle(caller.way(), outcome);
        return outcome;
    }

    /**
     * A connection is gone before it has said who it is.
     *
     * @param wasMain whether it had begun as a main channel
     */
    synchronized Outcome<C> lost(Caller<C> caller, boolean wasMain) {
        Outcome<C> outcome = new Outcome<>();
        decrement(strangers, caller.way());
        leave(caller);
        if (wasMain) {
            unsettle(caller.way());
        }
        settle(caller.way(), outcome);
        return outcome;
    }

    /** Gives up those guests of whom a connection has been here since before a moment. Who has not yet said who it is must be {@link #lost}. */
    synchronized Outcome<C> expire(long sinceNanos, String reason) {
        Outcome<C> outcome = new Outcome<>();
        for (Map.Entry<Key, Group<C>> entry : List.copyOf(groups.entrySet())) {
            if (isOld(entry.getValue().all(), sinceNanos)) {
                refuse(entry.getKey(), reason + missing(entry.getKey(), entry.getValue()), outcome);
            }
        }
        for (Map.Entry<Realm, List<Caller<C>>> entry : List.copyOf(unnamedMains.entrySet())) {
            if (unnamedMains.containsKey(entry.getKey()) && isOld(entry.getValue(), sinceNanos)) {
                refuseUnnamed(entry.getKey(), reason + ": there=[main channel] multifd-channels=" + channels, outcome);
                settle(entry.getKey().way(), outcome);
            }
        }
        return outcome;
    }

    private String missing(Key key, Group<C> group) {
        return ": uuid=" + key.uuid() + " there="
                + (group.main == null ? "[channels " : "[main channel, channels ")
                + group.channels.keySet().stream().sorted().toList() + "] multifd-channels=" + channels;
    }

    private static <C> boolean isOld(List<Caller<C>> all, long sinceNanos) {
        return all.stream().anyMatch(caller -> caller.acceptedNanos() - sinceNanos < 0);
    }

    /** A source that has given up comes again, and is not to be taken for two. */
    private void forgetThoseWhoLeft(List<Key> keys, List<Caller<C>> mains, Outcome<C> outcome) {
        List<Caller<C>> left = new ArrayList<>();
        mains.removeIf(main -> addIfLeft(main, left));
        for (Key key : keys) {
            Group<C> group = groups.get(key);
            group.channels.values().removeIf(channel -> addIfLeft(channel, left));
            if (group.main != null && addIfLeft(group.main, left)) {
                group.main = null;
            }
            if (group.all().isEmpty()) {
                groups.remove(key);
            }
        }
        if (!left.isEmpty()) {
            add(
                    left,
                    "source must not close connections before all are there: peers="
                            + left.stream().map(Caller::peer).toList(),
                    outcome);
        }
    }

    private boolean addIfLeft(Caller<C> caller, List<Caller<C>> left) {
        return hasLeft.test(caller.connection()) && left.add(caller);
    }

    private void addNamedMain(Caller<C> main, Key key, Outcome<C> outcome) {
        if (groups.containsKey(key) && groups.get(key).main != null) {
            forgetThoseWhoLeft(List.of(key), new ArrayList<>(), outcome);
        }
        Group<C> group = groups.computeIfAbsent(key, _ -> new Group<>());
        if (group.main == null) {
            group.main = main;
            return;
        }
        Caller<C> first = group.main;
        group.channels.put(-1, main);
        refuse(
                key,
                "migration must have one main channel, and each guest a uuid of its own: uuid=" + key.uuid() + " first="
                        + first.peer() + " second=" + main.peer(),
                outcome);
    }

    private void addUnnamedMain(Caller<C> main, Realm realm, Outcome<C> outcome) {
        List<Caller<C>> mains = unnamedMains.computeIfAbsent(realm, _ -> new ArrayList<>());
        if (!mains.isEmpty()) {
            forgetThoseWhoLeft(orphans(realm), mains, outcome);
        }
        mains.add(main);
        if (mains.size() > 1 || unsettled.containsKey(realm.way())) {
            refuseUnnamed(
                    realm,
                    "main channel without a uuid must be the only one of its host, " + ADVICE + ": peers="
                            + mains.stream().map(Caller::peer).toList(),
                    outcome);
        }
    }

    private void addChannel(Caller<C> channel, Key key, int id, Outcome<C> outcome) {
        if (groups.containsKey(key) && groups.get(key).channels.containsKey(id)) {
            forgetThoseWhoLeft(List.of(key), new ArrayList<>(), outcome);
        }
        Group<C> group = groups.computeIfAbsent(key, _ -> new Group<>());
        Caller<C> first = group.channels.putIfAbsent(id, channel);
        if (first != null) {
            group.channels.put(-1, channel);
            refuse(
                    key,
                    "channel id must be new, " + ADVICE + ": uuid=" + key.uuid() + " channel=" + id + " first="
                            + first.peer() + " second=" + channel.peer(),
                    outcome);
            unsettle(key.realm().way());
        } else if (id >= channels) {
            refuse(
                    key,
                    "channel id must be below multifd-channels, set it as the source has it: channel=" + id
                            + " multifd-channels=" + channels + " peer=" + channel.peer() + " uuid=" + key.uuid(),
                    outcome);
        }
    }

    /** Finds whole guests that have come one way, and those that can never be one. */
    private void settle(Way way, Outcome<C> outcome) {
        for (Map.Entry<Key, Group<C>> entry : onWay(way)) {
            if (entry.getValue().main != null && isComplete(entry.getValue())) {
                complete(entry.getKey(), entry.getValue().main, outcome);
            }
        }
        if (strangers.containsKey(way)) {
            return; // whoever that is may be a main channel that makes something else of the rest
        }
        for (Map.Entry<Realm, List<Caller<C>>> entry : List.copyOf(unnamedMains.entrySet())) {
            if (entry.getKey().way().equals(way)) {
                settleUnnamed(entry.getKey(), entry.getValue().getFirst(), outcome);
            }
        }
        if (unsettled.containsKey(way)) {
            for (Map.Entry<Key, Group<C>> entry : onWay(way)) {
                if (entry.getValue().main == null) {
                    refuse(
                            entry.getKey(),
                            "channels must have a main channel: uuid="
                                    + entry.getKey().uuid() + " peer="
                                    + entry.getValue().all().getFirst().peer(),
                            outcome);
                }
            }
        }
    }

    private void settleUnnamed(Realm realm, Caller<C> main, Outcome<C> outcome) {
        List<Key> orphans = orphans(realm);
        if (orphans.size() > 1) {
            forgetThoseWhoLeft(orphans, new ArrayList<>(), outcome);
            orphans = orphans(realm);
        }
        if (orphans.size() > 1) {
            refuseUnnamed(
                    realm,
                    "main channel without a uuid must be the only one of its host, " + ADVICE + ": peer=" + main.peer()
                            + " guests=" + orphans.stream().map(Key::uuid).toList(),
                    outcome);
        } else if (orphans.size() == 1 && isComplete(groups.get(orphans.getFirst()))) {
            unnamedMains.remove(realm);
            complete(orphans.getFirst(), main, outcome);
        }
    }

    /** Guests that lack a main channel. */
    private List<Key> orphans(Realm realm) {
        return groups.entrySet().stream()
                .filter(entry -> entry.getKey().realm().equals(realm) && entry.getValue().main == null)
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<Map.Entry<Key, Group<C>>> onWay(Way way) {
        return groups.entrySet().stream()
                .filter(entry -> entry.getKey().realm().way().equals(way))
                .map(Map.Entry::copyOf)
                .toList();
    }

    private boolean isComplete(Group<C> group) {
        return group.channels.size() == channels;
    }

    private void complete(Key key, Caller<C> main, Outcome<C> outcome) {
        Group<C> group = groups.remove(key);
        List<Caller<C>> inOrder = group.channels.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .map(Map.Entry::getValue)
                .toList();
        Guest<C> guest = new Guest<>(Optional.of(key.uuid()).filter(uuid -> !uuid.equals(NO_UUID)), main, inOrder);
        guest.all().forEach(this::leave);
        outcome.complete().add(guest);
    }

    private void refuse(Key key, String reason, Outcome<C> outcome) {
        add(groups.remove(key).all(), reason, outcome);
    }

    /** Gives up main channels that have no uuid. Their channels, which nobody knows, are refused as soon as all have said who they are. */
    private void refuseUnnamed(Realm realm, String reason, Outcome<C> outcome) {
        add(unnamedMains.remove(realm), reason, outcome);
        unsettle(realm.way());
    }

    private void add(List<Caller<C>> refused, String reason, Outcome<C> outcome) {
        refused.forEach(this::leave);
        outcome.refused().add(new Refusal<>(refused, reason));
    }

    private void unsettle(Way way) {
        unsettled.put(way, clock.getAsLong());
    }

    private void leave(Caller<C> caller) {
        decrement(callers, caller.host());
        waiting--;
    }

    private static <K> void decrement(Map<K, Integer> counts, K key) {
        counts.merge(key, -1, (count, less) -> count + less == 0 ? null : count + less);
    }
}
