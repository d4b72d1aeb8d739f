package io.pageferry.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How somebody asks for an image: by its name, or by its guest's uuid or the guest's name, where the newest is meant.
 * Whoever asks for a guest gets an image only where all that fit are of one guest and one owner, or where the owner is
 * said: anybody can send a guest with a uuid that is another one's. Nor where one of them has a sidecar that cannot be
 * read: it may be the newest.
 *
 * @param name of an image, with or without {@code .img}, or a uuid, or the name of a guest
 * @param owner whose it has to be, {@code none} for nobody's; empty: anybody's
 */
public record ImageQuery(String name, Optional<String> owner) {
    /**
     * Finds it.
     *
     * @throws StoreException where there is none, or more than one guest could be meant
     */
    public StoredImage findIn(Map<String, StoredImage> images) throws StoreException {
        Optional<StoredImage> named = named(images);
        if (named.isPresent()) {
            return named.get();
        }
        List<StoredImage> ofGuest = ofOneGuest(images);
        for (StoredImage image : ofGuest) {
            if (image.facts().isEmpty()) {
                throw new StoreException("guest's images must have sidecars that can be read, to tell which is the"
                        + " newest; ask for one by its name: " + what() + " image=" + image.name());
            }
        }
        return Retention.newest(ofGuest).orElseThrow(this::nothing);
    }

    /**
     * Finds all that are meant: one by its name, or all of a guest's.
     *
     * @throws StoreException where there is none, or they are of several guests
     */
    public List<StoredImage> findAllIn(Map<String, StoredImage> images) throws StoreException {
        Optional<StoredImage> named = named(images);
        List<StoredImage> all = named.isPresent() ? List.of(named.get()) : ofOneGuest(images);
        if (all.isEmpty()) {
            throw nothing();
        }
        return all;
    }

    private Optional<StoredImage> named(Map<String, StoredImage> images) throws StoreException {
        StoredImage image = images.getOrDefault(name, images.get(name + ImageName.SUFFIX));
        if (image != null && !isWanted(image)) {
            throw new StoreException("image must be of the owner that was asked for: image=" + name + " owner=\""
                    + image.identity().ownerName() + "\"");
        }
        return Optional.ofNullable(image);
    }

    private List<StoredImage> ofOneGuest(Map<String, StoredImage> images) throws StoreException {
        Optional<UUID> guest = GuestIdentity.parseUuid(name);
        List<StoredImage> wanted = images.values().stream()
                .filter(image -> guest.isPresent()
                        ? image.guest().equals(guest)
                        : image.guestName().filter(name::equals).isPresent())
                .filter(image -> image.facts().isEmpty() || isWanted(image))
                .toList();
        List<GuestIdentity> guests = wanted.stream()
                .filter(image -> image.facts().isPresent())
                .map(StoredImage::identity)
                .distinct()
                .toList();
        if (guests.size() <= 1) {
            return wanted;
        }
        if (guest.isPresent()) {
            throw new StoreException("guest must be of one owner, say which one is meant: uuid=" + guest.get()
                    + " owners="
                    + guests.stream().map(one -> '"' + one.ownerName() + '"').toList());
        }
        throw new StoreException(
                "guest's name must be of one guest, say which one is meant by its uuid and owner: name=" + name
                        + " guests=" + guests.stream().map(ImageQuery::describe).toList());
    }

    private static String describe(GuestIdentity guest) {
        return guest.uuid().map(UUID::toString).orElse("?")
                + guest.owner().map(owner -> " of \"" + owner + '"').orElse("");
    }

    private StoreException nothing() {
        if (name.indexOf('/') >= 0) {
            return new StoreException("image must be a complete one of the store: image=" + name);
        }
        return new StoreException("guest must have a complete image in the store: " + what()
                + owner.map(said -> " owner=\"" + said + "\"").orElse(""));
    }

    private String what() {
        return (GuestIdentity.parseUuid(name).isPresent() ? "uuid=" : "name=") + name;
    }

    private boolean isWanted(StoredImage image) {
        return owner.filter(said -> !said.equals(image.identity().ownerName())).isEmpty();
    }
}
