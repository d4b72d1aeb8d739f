package io.pageferry.control.qmp;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * An image as a client is told of it.
 *
 * @param name what {@code x-image} takes
 * @param begun when its guest began to come
 * @param guest its uuid, where that is known
 * @param guestName what an operator calls its guest
 * @param owner who has sent it, proved under TLS
 * @param machine its machine type, where that is known
 * @param state such as {@code complete}
 */
public record ImageSummary(
        String name,
        long sizeBytes,
        Instant begun,
        Optional<UUID> guest,
        Optional<String> guestName,
        Optional<String> owner,
        Optional<String> machine,
        String state) {
    /**
     * Whether somebody means it who looks for a text: a part of its name, of its guest's uuid or name, or of its
     * machine type, however it is spelt.
     */
    public boolean contains(String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return Stream.of(Optional.of(name), guest.map(UUID::toString), guestName, machine)
                .flatMap(Optional::stream)
                .anyMatch(one -> one.toLowerCase(Locale.ROOT).contains(wanted));
    }
}
