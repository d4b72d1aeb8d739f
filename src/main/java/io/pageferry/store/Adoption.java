package io.pageferry.store;

import io.pageferry.checkpoint.CheckpointFacts;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An operator's word that images are of another owner than their sidecars say: those from before there were owners, or
 * those of a host whose certificate was renewed under another name. The images stay where they are; doing it again
 * changes nothing.
 *
 * @param from whose they are: an owner, a guest's uuid for those of its images that have no owner, or {@code none} for
 *     all that have none
 * @param to whose they become, or {@code none}
 */
public record Adoption(String from, String to) {
    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

    public Adoption {
        requireOwner(from);
        requireOwner(to);
    }

    private static void requireOwner(String name) {
        if (!CheckpointFacts.isOwner(name)) {
            throw new IllegalArgumentException(
                    "owner's name must have 1 to " + CheckpointFacts.MAX_OWNER_LENGTH + " characters: value=" + name);
        }
    }

    /** Puts it into the sidecars, durably, and into what is known of the images. */
    void apply(Map<String, StoredImage> images, StoreBackend backend) throws IOException {
        int adopted = 0;
        for (Map.Entry<String, StoredImage> one : images.entrySet()) {
            StoredImage image = one.getValue();
            if (image.facts().isPresent() && isMeant(image)) {
                CheckpointFacts facts = image.facts().get().withOwner(newOwner());
                backend.writeFacts(image, facts);
                one.setValue(image.with(facts));
                adopted++;
            }
        }
        LOG.info("images adopted: from=\"{}\" to=\"{}\" images={}", from, to, adopted);
    }

    private boolean isMeant(StoredImage image) {
        Optional<UUID> guest = GuestIdentity.parseUuid(from);
        if (guest.isPresent()) {
            return image.owner().isEmpty() && image.guest().equals(guest);
        }
        return image.identity().ownerName().equals(from) && !from.equals(to);
    }

    private Optional<String> newOwner() {
        return Optional.of(to).filter(name -> !name.equals(GuestIdentity.NO_OWNER));
    }
}
