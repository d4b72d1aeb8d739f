package io.pageferry.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * An image of a store as it was at one moment.
 *
 * @param name what it is called in the store: {@code GUEST/TIME.img}, or what a client wanted
 * @param guest the guest's uuid, where it has one
 * @param machineType empty where an image that is being written has not come so far
 * @param begun when its guest began to come
 * @param bytes the file's length, or where it is being written what has come so far; less of either may be on disk, as images have holes
 */
public record StoredImage(
        String name,
        Path path,
        Optional<UUID> guest,
        Optional<String> machineType,
        Instant begun,
        long bytes,
        State state) {
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
}
