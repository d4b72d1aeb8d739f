package io.pageferry.config;

import java.util.Locale;

/**
 * Those of QEMU's migration capabilities that can be on or off here. Others are always on (return-path) or always off.
 */
public enum MigrationCapability {
    /**
     * Pages go over channels of their own. On unless it is turned off; without it everything is on the main channel.
     */
    MULTIFD,
    /** The RAM of shared blocks stays where it is, and does not migrate: both ends have the files that it is in. */
    X_IGNORE_SHARED,
    /** The destination says when it is ready for the switchover, and a source waits for that. */
    SWITCHOVER_ACK,
    /** The main stream has the guest's uuid, for the destination to compare. */
    VALIDATE_UUID,
    /** Pages are sent without being copied into the kernel, where it can do that. */
    ZERO_COPY_SEND;

    /** QEMU's word for it. */
    public String qemuName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
