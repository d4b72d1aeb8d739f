package io.pageferry.server;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What may still come of guests that were given up: channels that do not say whose they are. Guarded by its {@link
 * Gathering}.
 *
 * <p>A place, from a door down to a uuid's {@link Realm.Key}, is settled again as soon as all channels of all guests
 * that were given up there have been seen, and at the latest when none can come any more.
 */
final class Remnants {
    /** Each source has an entry for a while; sources of an attacker's making must not fill the memory. */
    private static final int MAX_PLACES = 4096;

    /** The same for uuids that are seen in one place: channels of others do not count, so that it is settled later. */
    private static final int MAX_UUIDS = 64;

    private final int channels;
    private final Map<Object, Place> places = new LinkedHashMap<>();

    /** Until when any place may be unsettled: there were more of them than are kept. */
    private long anywhereUntil;

    private boolean anywhere;

    /** Before this none of the places is settled by the clock. */
    private long earliest;

    private static final class Place {
        private final Map<Realm.Key, int[]> seen = new HashMap<>();
        private int guests;
        private boolean contested;
        private long until;
    }

    /**
     * Makes one that knows of nobody.
     *
     * @param channels how many a guest has
     */
    Remnants(int channels) {
        this.channels = channels;
    }

    /**
     * Guests were given up.
     *
     * @param place as much as is known of where they came: a door, a {@link Realm.Way}, a {@link Realm}, or its {@link
     *     Realm.Key} with a uuid
     * @param contested whether several guests had one uuid, so that it does not tell them apart
     * @param untilNanos when the last channel of theirs has come
     */
    void add(Object place, int guests, boolean contested, long untilNanos, long nowNanos) {
        forgetThePast(nowNanos);
        if (place instanceof Realm realm && places.containsKey(realm.way())) {
            add(realm.way(), guests, contested, untilNanos, nowNanos);
            return;
        }
        Place known = places.get(place);
        if (known == null) {
            if (places.size() >= MAX_PLACES) {
                anywhereUntil = anywhere ? later(anywhereUntil, untilNanos) : untilNanos;
                anywhere = true;
                return;
            }
            known = new Place();
            known.until = untilNanos;
            earliest = places.isEmpty() || untilNanos - earliest < 0 ? untilNanos : earliest;
            if (place instanceof Realm.Way way) {
                takeOver(way, known);
            }
            places.put(place, known);
        }
        known.guests += guests;
        known.contested |= contested;
        known.until = later(known.until, untilNanos);
    }

    /** Nobody knows any more of which identity the guests are whose channels may come that way. */
    private void takeOver(Realm.Way way, Place whole) {
        places.entrySet().removeIf(entry -> {
            boolean isPart =
                    entry.getKey() instanceof Realm realm && realm.way().equals(way);
            if (isPart) {
                Place part = entry.getValue();
                whole.guests += part.guests;
                whole.until = later(whole.until, part.until);
                whole.seen.putAll(part.seen);
            }
            return isPart;
        });
    }

    /**
     * A channel was refused whose main channel is not there: one less that may come, where it is clear of which place
     * it is one.
     */
    void seen(Realm.Key key, int id) {
        Realm realm = key.realm();
        Object at = places.containsKey(key) ? key : places.containsKey(realm) ? realm : realm.way();
        if (anywhere || places.containsKey(realm.way().door())) {
            return;
        }
        Place place = places.get(at);
        if (place == null || id >= channels || place.seen.size() >= MAX_UUIDS && !place.seen.containsKey(key)) {
            return;
        }
        place.seen.computeIfAbsent(key, _ -> new int[channels])[id]++;
        if (wholeGuests(place) >= place.guests) {
            places.remove(at);
        }
    }

    private static int wholeGuests(Place place) {
        int whole = 0;
        for (int[] counts : place.seen.values()) {
            int least = Integer.MAX_VALUE;
            for (int count : counts) {
                least = Math.min(least, count);
            }
            whole += least;
        }
        return whole;
    }

    /** Whether channels may come to a realm of which nobody knows whose they are. */
    boolean mayComeTo(Realm realm, long nowNanos) {
        forgetThePast(nowNanos);
        return anywhere
                || places.containsKey(realm)
                || places.containsKey(realm.way())
                || places.containsKey(realm.way().door());
    }

    /** Whether several guests had this uuid, and channels of theirs may still come. */
    boolean isContested(Realm.Key key, long nowNanos) {
        forgetThePast(nowNanos);
        Place place = places.get(key);
        return place != null && place.contested;
    }

    /** Whether there was a guest with this uuid that was given up, and not all of it has come. */
    boolean mayComeOf(Realm.Key key, long nowNanos) {
        forgetThePast(nowNanos);
        return places.containsKey(key);
    }

    /** For how long they may at the most. */
    long leftNanos(Realm realm, long nowNanos) {
        long until = anywhere ? anywhereUntil : nowNanos;
        for (Object place : new Object[] {realm, realm.way(), realm.way().door()}) {
            if (places.containsKey(place)) {
                until = later(until, places.get(place).until);
            }
        }
        return until - nowNanos;
    }

    private void forgetThePast(long nowNanos) {
        anywhere &= anywhereUntil - nowNanos >= 0;
        if (places.isEmpty() || earliest - nowNanos >= 0) {
            return;
        }
        boolean first = true;
        for (Iterator<Place> all = places.values().iterator(); all.hasNext(); ) {
            long until = all.next().until;
            if (until - nowNanos < 0) {
                all.remove();
            } else if (first || until - earliest < 0) {
                earliest = until;
                first = false;
            }
        }
    }

    /** Whether nothing may come of anybody. */
    boolean isEmpty(long nowNanos) {
        forgetThePast(nowNanos);
        return !anywhere && places.isEmpty();
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
