package io.pageferry.session.registry;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * What a migration is about, as far as that is known when it begins.
 *
 * @param guest its uuid
 * @param peer where it comes from or goes to: an address or a URI
 * @param image where the image is that is written or sent: a file's path, say
 */
public record MigrationSubject(Direction direction, Optional<UUID> guest, String peer, Optional<String> image) {
    /** Which way it goes. */
    public enum Direction {
        INCOMING,
        OUTGOING;

        /** As it is written in JSON and logs. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public MigrationSubject withGuest(UUID uuid) {
        return new MigrationSubject(direction, Optional.of(uuid), peer, image);
    }

    public MigrationSubject withImage(String location) {
        return new MigrationSubject(direction, guest, peer, Optional.of(location));
    }
}
