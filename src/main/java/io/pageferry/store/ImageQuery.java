package io.pageferry.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How somebody asks for an image: by its name, or by its guest's uuid, where the newest is meant. Whoever asks by a
 * uuid gets an image only where all that have it are of one owner, or where the owner is said: anybody can send a guest
 * with a uuid that is another one's. Nor where one of them has a sidecar that cannot be read: it may be the newest.
 *
 * @param name of an image, with or without {@code .img}, or a uuid
 * @param owner whose it has to be, {@code none} for nobody's; empty: anybody's
 */
public record ImageQuery(String name, Optional<String> owner) {
    /**
     * Finds it.
     *
     * @throws StoreException where there is none, or more than one guest could be meant
     */
    public StoredImage findIn(Map<String, StoredImage> images) throws StoreException {
        Optional<UUID> guest = GuestIdentity.parseUuid(name);
        return guest.isPresent() ? newestOf(guest.get(), images) : named(images);
    }

    private StoredImage named(Map<String, StoredImage> images) throws StoreException {
        StoredImage image = images.getOrDefault(name, images.get(name + ImageName.SUFFIX));
        if (image == null) {
            throw new StoreException("image must be a complete one of the store: image=" + name);
        }
        if (!isWanted(image)) {
            throw new StoreException("image must be of the owner that was asked for: image=" + name + " owner=\""
                    + image.identity().ownerName() + "\"");
        }
        return image;
    }

    private StoredImage newestOf(UUID guest, Map<String, StoredImage> images) throws StoreException {
        List<StoredImage> ofGuest = images.values().stream()
                .filter(image -> image.guest().filter(guest::equals).isPresent())
                .toList();
        for (StoredImage image : ofGuest) {
            if (image.facts().isEmpty()) {
                throw new StoreException("guest's images must have sidecars that can be read, to tell which is the"
                        + " newest; ask for one by its name: uuid=" + guest + " image=" + image.name());
            }
        }
        List<StoredImage> wanted = ofGuest.stream().filter(this::isWanted).toList();
        List<GuestIdentity> guests =
                wanted.stream().map(StoredImage::identity).distinct().toList();
        if (guests.size() > 1) {
            throw new StoreException("guest must be of one owner, say which one is meant: uuid=" + guest + " owners="
                    + guests.stream().map(one -> '"' + one.ownerName() + '"').toList());
        }
        return Retention.newest(wanted)
                .orElseThrow(() -> new StoreException("guest must have a complete image in the store: uuid=" + guest
                        + owner.map(said -> " owner=\"" + said + "\"").orElse("")));
    }

    private boolean isWanted(StoredImage image) {
        return owner.filter(said -> !said.equals(image.identity().ownerName())).isEmpty();
    }
}
