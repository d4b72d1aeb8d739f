package io.pageferry.store;

import io.pageferry.checkpoint.CheckpointFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * An image of a store as it was at one moment.
 *
 * @param name what it is called in the store: {@code GUEST/TIME.img}, or what a client wanted
 * @param location where it is, for messages: a file's path, say
 * @param guest the guest's uuid, where it has one
 * @param machineType empty where an image that is being written has not come so far
 * @param begun when its guest began to come
 * @param bytes how long it is, or where it is being written what has come so far; less of either may be on disk, as
 *     images have holes
 * @param facts what its sidecar has; empty where there is one that cannot be read, so that nobody knows whose the image
 *     is
 */
public record StoredImage(
        String name,
        String location,
        Optional<UUID> guest,
        Optional<String> machineType,
        Instant begun,
        long bytes,
        State state,
        Optional<CheckpointFacts> facts) {
    /** How far an image is. */
    public enum State {
        /** Whole and on disk. */
        COMPLETE,
        WRITING;

        /** As it is written in JSON and logs. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who has sent it, proved under TLS. */
    public Optional<String> owner() {
        return facts.flatMap(CheckpointFacts::owner);
    }

    /** What an operator calls its guest. */
    public Optional<String> guestName() {
        return facts.flatMap(CheckpointFacts::guestName);
    }

    /**
     * Since when it is complete, by the wall clock; of an image that has no such fact, since when its guest began to
     * come.
     */
    public Instant completed() {
        return facts.flatMap(CheckpointFacts::completed).orElse(begun);
    }

    /** How old it is by the wall clock; never less than nothing, however that was set. */
    Duration age(Instant now) {
        Duration age = Duration.between(completed(), now);
        return age.isNegative() ? Duration.ZERO : age;
    }

    public GuestIdentity identity() {
        return new GuestIdentity(guest, owner());
    }

    /** Its place among all images of the store; 0 where it has none, which is before those that have one. */
    public long order() {
        return facts.stream()
                .flatMapToLong(known -> known.order().stream())
                .findFirst()
                .orElse(0);
    }

    StoredImage with(CheckpointFacts others) {
        return new StoredImage(name, location, guest, machineType, begun, bytes, state, Optional.of(others));
    }
}
