package io.pageferry.session.registry;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * What a migration is about, as far as that is known when it begins.
 *
 * @param guest its uuid
 * @param peer where it comes from or goes to: an address or a URI
 * @param image the file that is written or sent
 */
public record MigrationSubject(Direction direction, Optional<UUID> guest, String peer, Optional<Path> image) {
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

    public MigrationSubject withImage(Path path) {
        return new MigrationSubject(direction, guest, peer, Optional.of(path));
    }
}
