package io.pageferry.server;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What may still come of guests that were given up: channels that do not say whose they are. Guarded by its
 * {@link Gathering}.
 *
 * <p>A place, from an address down to a uuid's {@link Realm.Key}, is settled again as soon as all channels of all
 * guests that were given up there have been seen, and at the latest when none can come any more.
 */
final class AbandonedGuests {
    /** Each source has an entry for a while; sources of an attacker's making must not fill the memory. */
    private static final int MAX_PLACES = 4096;

    /** Of those no host has more: then it is the whole origin that is not settled, and no other one. */
    static final int MAX_PARTS = 256;

    /** The same for uuids that are seen in one place: channels of others do not count, so that it is settled later. */
    private static final int MAX_UUIDS = 64;

    private final int channels;
    private final int maxParts;
    private final Map<Object, Place> places = new LinkedHashMap<>();

    /** How many places each origin has within it. */
    private final Map<Realm.Origin, Integer> parts = new HashMap<>();

    /** Until when any place may be unsettled: there were more of them than are kept. */
    private long anywhereUntil;

    private boolean anywhere;

    /** Before this none of the places is settled by the clock. */
    private long earliest;

    private static final class Place {
        private final Map<Realm.Key, int[]> seen = new HashMap<>();
        private int guests;
        private boolean contested;

        /** Whether uuids were taken over by their origin. */
        private boolean hasAnyUuid;

        private long until;
    }

    /**
     * Makes one that knows of nobody.
     *
     * @param channels how many a guest has
     * @param maxParts how many places an origin may have within it, {@link #MAX_PARTS} but in tests
     */
    AbandonedGuests(int channels, int maxParts) {
        this.channels = channels;
        this.maxParts = maxParts;
    }

    /**
     * Guests were given up.
     *
     * @param place as much as is known of where they came: an address, a {@link Realm.Origin}, a {@link Realm}, or its
     *     {@link Realm.Key} with a uuid
     * @param contested whether several guests had one uuid, so that it does not tell them apart
     * @param untilNanos when the last channel of theirs has come
     */
    void add(Object place, int guests, boolean contested, long untilNanos, long nowNanos) {
        removeExpired(nowNanos);
        Realm.Origin around = originOf(place);
        Place known = places.get(place);
        if (known == null && around != null) {
            if (parts.getOrDefault(around, 0) >= maxParts) {
                fold(around, nowNanos);
            }
            Place whole = places.get(around);
            if (whole != null && (place instanceof Realm || whole.hasAnyUuid && !contested)) {
                add(around, guests, contested, untilNanos, nowNanos);
                return;
            }
        }
        if (known == null) {
            if (places.size() >= MAX_PLACES) {
                foldLargest(nowNanos);
            }
            if (places.size() >= MAX_PLACES) {
                anywhereUntil = anywhere ? later(anywhereUntil, untilNanos) : untilNanos;
                anywhere = true;
                return;
            }
            known = new Place();
            known.until = untilNanos;
            earliest = places.isEmpty() || untilNanos - earliest < 0 ? untilNanos : earliest;
            if (place instanceof Realm.Origin origin) {
                takeOver(origin, known, false, false);
            }
            places.put(place, known);
            if (around != null) {
                parts.merge(around, 1, Integer::sum);
            }
        }
        known.guests += guests;
        known.contested |= contested;
        known.until = later(known.until, untilNanos);
    }

    private static Realm.Origin originOf(Object place) {
        return switch (place) {
            case Realm realm -> realm.origin();
            case Realm.Key key -> key.realm().origin();
            default -> null;
        };
    }

    /** Where there is no more room for anybody, the host with the most places makes some. */
    private void foldLargest(long nowNanos) {
        parts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .filter(most -> most.getValue() > 1)
                .map(Map.Entry::getKey)
                .ifPresent(origin -> fold(origin, nowNanos));
    }

    /**
     * Makes the whole origin one place. Uuids that two guests have are forgotten last: they are refused by themselves.
     */
    private void fold(Realm.Origin origin, long nowNanos) {
        int before = parts.get(origin);
        Place whole = places.get(origin);
        if (whole == null) {
            whole = new Place();
            whole.until = nowNanos;
        }
        takeOver(origin, whole, true, false);
        if (parts.getOrDefault(origin, 0) > before / 2) {
            takeOver(origin, whole, true, true);
        }
        places.put(origin, whole);
    }

    /** Nobody knows any more of which identity, or uuid, the guests are whose channels may come from there. */
    private void takeOver(Realm.Origin origin, Place whole, boolean uuids, boolean contestedUuids) {
        places.entrySet().removeIf(entry -> {
            Place part = entry.getValue();
            boolean isUuid = entry.getKey() instanceof Realm.Key;
            if (!origin.equals(originOf(entry.getKey())) || isUuid && !uuids || part.contested && !contestedUuids) {
                return false;
            }
            whole.guests += part.guests;
            whole.contested |= part.contested;
            whole.hasAnyUuid |= isUuid;
            whole.until = later(whole.until, part.until);
            whole.seen.putAll(part.seen);
            isGone(entry.getKey());
            return true;
        });
    }

    private void isGone(Object place) {
        Realm.Origin around = originOf(place);
        if (around != null) {
            parts.computeIfPresent(around, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /**
     * A channel was refused whose main channel is not there: one less that may come, where it is clear of which place
     * it is one.
     */
    void seen(Realm.Key key, int id) {
        Realm realm = key.realm();
        Object at = places.containsKey(key) ? key : places.containsKey(realm) ? realm : realm.origin();
        if (anywhere || places.containsKey(realm.origin().address())) {
            return;
        }
        Place place = places.get(at);
        if (place == null || id >= channels || place.seen.size() >= MAX_UUIDS && !place.seen.containsKey(key)) {
            return;
        }
        place.seen.computeIfAbsent(key, _ -> new int[channels])[id]++;
        if (wholeGuests(place) >= place.guests) {
            places.remove(at);
            isGone(at);
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
        removeExpired(nowNanos);
        return anywhere
                || places.containsKey(realm)
                || places.containsKey(realm.origin())
                || places.containsKey(realm.origin().address());
    }

    /** Whether several guests had this uuid, and channels of theirs may still come. */
    boolean isContested(Realm.Key key, long nowNanos) {
        removeExpired(nowNanos);
        Place place = places.get(key);
        Place whole = places.get(key.realm().origin());
        return place != null && place.contested || whole != null && whole.contested;
    }

    /** Whether there was a guest with this uuid that was given up, and not all of it has come. */
    boolean mayComeOf(Realm.Key key, long nowNanos) {
        removeExpired(nowNanos);
        Place whole = places.get(key.realm().origin());
        return places.containsKey(key) || whole != null && whole.hasAnyUuid;
    }

    /** For how long they may at the most. */
    long leftNanos(Realm realm, long nowNanos) {
        long until = anywhere ? anywhereUntil : nowNanos;
        for (Object place : new Object[] {realm, realm.origin(), realm.origin().address()}) {
            if (places.containsKey(place)) {
                until = later(until, places.get(place).until);
            }
        }
        return until - nowNanos;
    }

    private void removeExpired(long nowNanos) {
        anywhere &= anywhereUntil - nowNanos >= 0;
        if (places.isEmpty() || earliest - nowNanos >= 0) {
            return;
        }
        boolean first = true;
        for (Iterator<Map.Entry<Object, Place>> all = places.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Object, Place> place = all.next();
            long until = place.getValue().until;
            if (until - nowNanos < 0) {
                all.remove();
                isGone(place.getKey());
            } else if (first || until - earliest < 0) {
                earliest = until;
                first = false;
            }
        }
    }

    /** Whether nothing may come of anybody. */
    boolean isEmpty(long nowNanos) {
        removeExpired(nowNanos);
        return !anywhere && places.isEmpty();
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
