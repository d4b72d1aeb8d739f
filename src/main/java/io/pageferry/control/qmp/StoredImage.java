package io.pageferry.control.qmp;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An image as a client is told of it.
 *
 * @param name what {@code x-image} takes
 * @param modified when it was completed
 * @param guest its uuid, where the image says it
 * @param machine its machine type, where that is known
 */
public record StoredImage(
        String name, long sizeBytes, Instant modified, Optional<UUID> guest, Optional<String> machine) {}
