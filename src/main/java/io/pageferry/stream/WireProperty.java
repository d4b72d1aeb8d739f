package io.pageferry.stream;

import java.util.Locale;
import java.util.Optional;

/** What of the wire a machine type decides on: QEMU's properties of {@code migration} and devices, by their names. */
public enum WireProperty {
    /** Every end of a RAM section is a sync of all channels, and there is no MULTIFD_FLUSH. */
    MULTIFD_FLUSH_AFTER_EACH_SECTION,
    /** Zero pages go through the main channel, where nobody says otherwise: {@code zero-page-detection=legacy}. */
    ZERO_PAGE_DETECTION_LEGACY,
    /** The source says when it switches over: SWITCHOVER_START, command 11. */
    SEND_SWITCHOVER_START,
    /** The source ends a channel's TLS session before it closes. */
    MULTIFD_CLEAN_TLS_TERMINATION,
    /** A source with {@code switchover-ack} waits for one answer, whatever its devices. */
    SWITCHOVER_ACK_LEGACY,
    /** virtio-mem sends state in front of RAM. */
    X_EARLY_MIGRATION;

    /** QEMU's word for it. */
    public String qemuName() {
        String name = name().toLowerCase(Locale.ROOT).replace('_', '-');
        return this == ZERO_PAGE_DETECTION_LEGACY ? "zero-page-detection=legacy" : name;
    }

    /** The property of that name, where there is one. */
    public static Optional<WireProperty> named(String qemuName) {
        for (WireProperty property : values()) {
            if (property.qemuName().equals(qemuName)) {
                return Optional.of(property);
            }
        }
        return Optional.empty();
    }
}
