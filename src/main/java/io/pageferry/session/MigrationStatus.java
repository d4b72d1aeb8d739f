package io.pageferry.session;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Where a migration stands: those of QEMU's states that there are here. */
public enum MigrationStatus {
    NONE,
    /** Connections are being made. */
    SETUP,
    /** Pages are on their way. */
    ACTIVE,
    /**
     * Pages have come, and the source says nothing while it takes what it is told: its user has it pause before it
     * switches over. It goes on from there.
     */
    PRE_SWITCHOVER,
    /** The guest stands still; the rest is on its way. */
    DEVICE,
    /** The guest runs at the destination, and its pages follow. */
    POSTCOPY_ACTIVE,
    /** The connection broke, and the guest waits there for pages. */
    POSTCOPY_PAUSED,
    /** It is connected anew, and the destination says which pages it has. */
    POSTCOPY_RECOVER,
    COMPLETED,
    FAILED,
    CANCELLING,
    CANCELLED;

    /** QEMU's word for it. */
    public String qemuName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether this is the last word. */
    public boolean isFinal() {
        return next().isEmpty();
    }

    boolean canBecome(MigrationStatus other) {
        return next().contains(other);
    }

    private Set<MigrationStatus> next() {
        return switch (this) {
            case NONE -> EnumSet.of(SETUP, CANCELLING, FAILED);
            case SETUP -> EnumSet.of(ACTIVE, POSTCOPY_RECOVER, CANCELLING, FAILED);
            case ACTIVE -> EnumSet.of(PRE_SWITCHOVER, DEVICE, COMPLETED, CANCELLING, FAILED);
            case PRE_SWITCHOVER -> EnumSet.of(ACTIVE, DEVICE, COMPLETED, CANCELLING, FAILED);
            case DEVICE -> EnumSet.of(POSTCOPY_ACTIVE, COMPLETED, CANCELLING, FAILED);
            case POSTCOPY_ACTIVE -> EnumSet.of(POSTCOPY_PAUSED, COMPLETED, CANCELLING, FAILED);
            case POSTCOPY_PAUSED -> EnumSet.of(POSTCOPY_RECOVER, CANCELLING, FAILED);
            case POSTCOPY_RECOVER -> EnumSet.of(POSTCOPY_ACTIVE, POSTCOPY_PAUSED, CANCELLING, FAILED);
            case CANCELLING -> EnumSet.of(CANCELLED);
            case COMPLETED, FAILED, CANCELLED -> EnumSet.noneOf(MigrationStatus.class);
        };
    }
}
