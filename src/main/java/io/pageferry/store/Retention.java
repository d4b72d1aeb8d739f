package io.pageferry.store;

import io.pageferry.checkpoint.CheckpointFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which images a store keeps. Pure.
 *
 * <ol>
 *   <li>It is by guest: images are of the same one only where they have the same uuid and the same owner. What is not
 *       known to be of one, as it has no uuid, or facts that cannot be read, stays.
 *   <li>Which image is newer is a matter of the order in which they were completed, never of a clock. Images without an
 *       order are older than any that has one; among themselves their names' times count, there is nothing better.
 *   <li>A guest's newest image stays, whatever clocks say.
 *   <li>Age is the wall clock's since completion; what was completed in the future has age 0.
 *   <li>What an operator gave its name stays.
 * </ol>
 *
 * @param count how many of each guest, the newest ones; 0: all
 * @param age how old they may become; empty: any age
 */
public record Retention(int count, Optional<Duration> age) {
    public static final Retention ALL = new Retention(0, Optional.empty());

    public static final Comparator<StoredImage> NEWEST_FIRST = Comparator.comparingLong(StoredImage::order)
            .thenComparing(StoredImage::begun)
            .thenComparing(image -> ImageName.number(image.name()))
            .thenComparing(StoredImage::name)
            .reversed();

    /** What of a store's complete images need not be kept, with the reason. */
    public Map<StoredImage, String> surplus(Collection<StoredImage> images, Instant now) {
        Map<GuestIdentity, List<StoredImage>> byGuest = new LinkedHashMap<>();
        for (StoredImage image : images) {
            if (mayGo(image)) {
                byGuest.computeIfAbsent(image.identity(), _ -> new ArrayList<>())
                        .add(image);
            }
        }
        Map<StoredImage, String> surplus = new LinkedHashMap<>();
        for (List<StoredImage> ofGuest : byGuest.values()) {
            ofGuest.sort(NEWEST_FIRST);
            for (int i = 1; i < ofGuest.size(); i++) {
                StoredImage image = ofGuest.get(i);
                if (count > 0 && i >= count) {
                    surplus.put(image, "too many of its guest");
                } else if (age.filter(most -> image.age(now).compareTo(most) > 0)
                        .isPresent()) {
                    surplus.put(image, "too old");
                }
            }
        }
        return surplus;
    }

    private static boolean mayGo(StoredImage image) {
        boolean named = image.facts().filter(CheckpointFacts::isNamed).isPresent();
        return image.facts().isPresent()
                && image.identity().uuid().isPresent()
                && !named
                && ImageName.isOwn(image.name());
    }

    /** The newer one of two. */
    static StoredImage newer(StoredImage one, StoredImage other) {
        return NEWEST_FIRST.compare(one, other) <= 0 ? one : other;
    }

    /** The newest of some images. */
    static Optional<StoredImage> newest(Collection<StoredImage> images) {
        return images.stream().min(NEWEST_FIRST);
    }
}
