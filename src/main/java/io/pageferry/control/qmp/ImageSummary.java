package io.pageferry.control.qmp;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An image as a client is told of it.
 *
 * @param name what {@code x-image} takes
 * @param begun when its guest began to come
 * @param guest its uuid, where that is known
 * @param owner who has sent it, proved under TLS
 * @param machine its machine type, where that is known
 * @param state such as {@code complete}
 */
public record ImageSummary(
        String name,
        long sizeBytes,
        Instant begun,
        Optional<UUID> guest,
        Optional<String> owner,
        Optional<String> machine,
        String state) {}
