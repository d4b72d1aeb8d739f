package io.pageferry.store;

import io.pageferry.config.GuestUuid;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/**
 * Which guest an image is of: only images of one and the same guest supersede each other. The uuid is its peer's word,
 * so it counts among the guests of one owner only.
 *
 * @param uuid empty where the guest has none; then nobody can say which images are of the same guest
 * @param owner who has sent it, proved under TLS; empty where nobody has proved anything
 */
public record GuestIdentity(Optional<UUID> uuid, Optional<String> owner) {
    /** How an operator says that there is no owner. */
    static final String NO_OWNER = "none";

    private static final String UNKNOWN = "unknown";
    private static final char TAG_SEPARATOR = '@';

    /**
     * So many that no two owners of a fleet have the same; if two had, their images would lie in one folder and still
     * be told apart.
     */
    private static final int TAG_BYTES = 8;

    public GuestIdentity {
        uuid = uuid.flatMap(GuestUuid::of);
    }

    /** The folder for images that the store names: {@code UUID}, or {@code UUID@TAG} where the guest has an owner. */
    String folder() {
        String base = uuid.map(UUID::toString).orElse(UNKNOWN);
        return owner.map(name -> base + TAG_SEPARATOR + tag(name)).orElse(base);
    }

    /** The uuid that a folder's name has. */
    public static Optional<UUID> uuidOfFolder(String folder) {
        int tag = folder.indexOf(TAG_SEPARATOR);
        return parseUuid(tag < 0 ? folder : folder.substring(0, tag)).flatMap(GuestUuid::of);
    }

    /** A uuid in its usual form, of 36 characters. */
    static Optional<UUID> parseUuid(String text) {
        try {
            return Optional.of(UUID.fromString(text))
                    .filter(uuid -> uuid.toString().equalsIgnoreCase(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String tag(String owner) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(owner.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, TAG_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each JDK has it
        }
    }

    /** An operator could not say that one is meant whose name is the word for nobody, or a uuid. */
    void requireOwner() throws StoreException {
        if (owner.filter(name -> name.equals(NO_OWNER) || parseUuid(name).isPresent())
                .isPresent()) {
            throw new StoreException(
                    "guest's TLS identity must not be '" + NO_OWNER + "' or a uuid: identity=" + owner.get());
        }
    }

    String ownerName() {
        return owner.orElse(NO_OWNER);
    }
}
