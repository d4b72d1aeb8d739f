package io.pageferry.config;

import java.util.Optional;
import java.util.UUID;

/** The uuid of a guest (QEMU's {@code -uuid}), on the wire and elsewhere where there is no word for none. */
public final class GuestUuid {
    /** What a guest that has none says (QEMU's {@code UUID_NONE}). */
    public static final UUID NONE = new UUID(0, 0);

    private GuestUuid() {}

    /**
     * A uuid that may be none.
     *
     * @param uuid {@link #NONE} is none
     */
    public static Optional<UUID> of(UUID uuid) {
        return Optional.of(uuid).filter(one -> !one.equals(NONE));
    }
}
