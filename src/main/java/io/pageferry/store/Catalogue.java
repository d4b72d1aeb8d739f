package io.pageferry.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What is in a store: complete images, those that are being written, read and removed. For any thread; what must hold
 * over several calls is done under its lock.
 */
final class Catalogue {
    // All guarded by this.
    private final NavigableMap<String, StoredImage> images = new TreeMap<>();
    private final Set<StoreDestination> writing = new LinkedHashSet<>();
    private final Map<String, Integer> lent = new HashMap<>();
    private final Set<String> removing = new HashSet<>();

    Catalogue(Map<String, StoredImage> complete) {
        images.putAll(complete);
    }

    /** All images, those that are being written too, by name. */
    synchronized List<StoredImage> list() {
        Map<String, StoredImage> all = new TreeMap<>(images);
        writing.forEach(one -> all.putIfAbsent(one.name(), one.describe()));
        return List.copyOf(all.values());
    }

    /** The same, no more than so many, behind a name. */
    synchronized List<StoredImage> list(String after, int limit) {
        NavigableMap<String, StoredImage> some = new TreeMap<>();
        for (StoredImage image : images.tailMap(after, false).values()) {
            if (some.size() == limit) {
                break;
            }
            some.put(image.name(), image);
        }
        for (StoreDestination one : writing) {
            if (one.name().compareTo(after) > 0) {
                some.putIfAbsent(one.name(), one.describe());
            }
        }
        while (some.size() > limit) {
            some.pollLastEntry();
        }
        return List.copyOf(some.values());
    }

    synchronized int count() {
        long unfinished =
                writing.stream().filter(one -> !images.containsKey(one.name())).count();
        return images.size() + Math.toIntExact(unfinished);
    }

    /** A complete image. */
    synchronized Optional<StoredImage> find(String name) {
        return Optional.ofNullable(images.get(name));
    }

    /** All complete images. */
    synchronized List<StoredImage> complete() {
        return List.copyOf(images.values());
    }

    /** Those that fit, the newest first, and those that are being written before them; no more than so many. */
    synchronized List<StoredImage> newest(Predicate<StoredImage> fits, int limit) {
        List<StoredImage> newest = new ArrayList<>(writing.stream()
                .filter(one -> !images.containsKey(one.name()))
                .map(StoreDestination::describe)
                .filter(fits)
                .limit(limit)
                .toList());
        // Of many only a few are wanted, so not all are sorted.
        PriorityQueue<StoredImage> kept = new PriorityQueue<>(Retention.NEWEST_FIRST.reversed());
        for (StoredImage image : images.values()) {
            if (fits.test(image)) {
                kept.add(image);
                if (kept.size() > limit - newest.size()) {
                    kept.remove();
                }
            }
        }
        kept.stream().sorted(Retention.NEWEST_FIRST).forEach(newest::add);
        return newest;
    }

    /** The newest complete image of each guest that has a uuid. */
    synchronized Collection<StoredImage> newestOfGuests() {
        Map<GuestIdentity, StoredImage> newest = new LinkedHashMap<>();
        for (StoredImage image : images.values()) {
            if (image.guest().isPresent() && image.facts().isPresent()) {
                newest.merge(image.identity(), image, Retention::newer);
            }
        }
        return newest.values();
    }

    /** The names of all complete images. */
    synchronized Set<String> names() {
        return Set.copyOf(images.keySet());
    }

    /** More is known of an image; nothing where that has gone meanwhile. */
    synchronized void replace(StoredImage image, StoredImage known) {
        images.replace(image.name(), image, known);
    }

    /**
     * Takes in what was found.
     *
     * @param before the names of images that were there before it was looked
     * @param found all complete images, by name
     */
    synchronized void refresh(Set<String> before, Map<String, StoredImage> found) {
        for (String name : before) {
            if (!found.containsKey(name) && !lent.containsKey(name)) {
                images.remove(name);
            }
        }
        found.forEach((name, image) -> {
            if (!before.contains(name) && !isTaken(name)) {
                images.put(name, image);
            }
        });
    }

    /** Whether a name is that of an image that is there, is coming, or is going. */
    synchronized boolean isTaken(String name) {
        return images.containsKey(name) || removing.contains(name) || isWriting(name);
    }

    private boolean isWriting(String name) {
        return writing.stream().anyMatch(one -> one.name().equals(name));
    }

    synchronized void begin(StoreDestination destination) {
        writing.add(destination);
    }

    /** Nobody waits for it any more. */
    synchronized void end(StoreDestination destination) {
        writing.remove(destination);
    }

    /** It is complete. */
    synchronized void add(StoredImage image) {
        images.put(image.name(), image);
    }

    /** Has an image stay until it is {@linkplain #giveBack given back}, as often as it was lent. */
    synchronized StoredImage lend(ImageQuery query) throws StoreException {
        StoredImage image = query.findIn(images);
        lent.merge(image.name(), 1, Integer::sum);
        return image;
    }

    synchronized void giveBack(String name) {
        lent.merge(name, -1, (count, less) -> count + less == 0 ? null : count + less);
    }

    /**
     * Takes out what need not be kept, with the reason: from now on it is not there any more. What somebody reads
     * stays, and so does an image whose source may not have been told yet that it is safe: one that came later may be
     * faster.
     */
    synchronized Map<StoredImage, String> takeSurplus(Retention retention, Instant now) {
        Map<StoredImage, String> surplus = retention.surplus(images.values(), now);
        surplus.keySet().removeIf(image -> lent.containsKey(image.name()) || isWriting(image.name()));
        surplus.keySet().forEach(this::takeOut);
        return surplus;
    }

    /**
     * Takes out one image: from now on it is not there any more.
     *
     * @throws StoreException where there is none of that name, or it has to stay
     */
    synchronized StoredImage take(String name) throws StoreException {
        StoredImage image = images.get(name);
        if (image == null) {
            throw new StoreException("image must be a complete one of the store: image=" + name);
        }
        if (lent.containsKey(name)) {
            throw new StoreException("image must not be removed while it is sent: image=" + name);
        }
        if (isWriting(name)) {
            throw new StoreException("image must not be removed before its source has been told of it: image=" + name);
        }
        takeOut(image);
        return image;
    }

    private void takeOut(StoredImage image) {
        images.remove(image.name());
        removing.add(image.name());
    }

    /** What was taken out has gone. */
    synchronized void removed(StoredImage image) {
        removing.remove(image.name());
    }

    /** What was taken out could not be removed, and is there again. */
    synchronized void putBack(StoredImage image) {
        removing.remove(image.name());
        images.put(image.name(), image);
    }
}
