package io.pageferry.store;

import io.pageferry.checkpoint.CheckpointFacts;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What an operator calls guests, by their uuids. The wire has no names, so they are the operator's word, and come into
 * the sidecars of images. Immutable.
 */
public record GuestNames(Map<UUID, String> byGuest) {
    public static final GuestNames NONE = new GuestNames(Map.of());

    public GuestNames {
        byGuest = Map.copyOf(byGuest);
        byGuest.values().forEach(name -> CheckpointFacts.NONE.withGuestName(Optional.of(name)));
    }

    /** The name of a guest, where it has one. */
    Optional<String> of(Optional<UUID> guest) {
        return guest.map(byGuest::get);
    }

    /** Puts it into an image's sidecar, durably, where it has another; what is known of the image then. */
    StoredImage apply(StoredImage image, StoreBackend backend) throws IOException {
        Optional<String> name = of(image.guest());
        if (name.isEmpty() || image.facts().isEmpty() || image.guestName().equals(name)) {
            return image;
        }
        CheckpointFacts facts = image.facts().get().withGuestName(name);
        backend.writeFacts(image, facts);
        return image.with(facts);
    }
}
