package io.pageferry.stream;

import java.util.Comparator;

/**
 * Which of QEMU's own machine types one is like, as far as the wire goes. A third number, as of {@code pc-q35-4.0.1},
 * has never changed that.
 */
record MachineVersion(int major, int minor) implements Comparable<MachineVersion> {
    private static final Comparator<MachineVersion> ORDER =
            Comparator.comparingInt(MachineVersion::major).thenComparingInt(MachineVersion::minor);

    /** Reads two numbers of at most three digits, such as {@code 8.2}. */
    static MachineVersion parse(String text) {
        int dot = text.indexOf('.');
        return new MachineVersion(Integer.parseInt(text.substring(0, dot)), Integer.parseInt(text.substring(dot + 1)));
    }

    @Override
    public int compareTo(MachineVersion other) {
        return ORDER.compare(this, other);
    }

    boolean isAtMost(int otherMajor, int otherMinor) {
        return compareTo(new MachineVersion(otherMajor, otherMinor)) <= 0;
    }

    /** What such a type pins: as {@code hw/core/machine.c} of QEMU 10.0 and 11.1 has it. */
    Dialect dialect() {
        return Dialect.UNKNOWN
                .with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, isAtMost(8, 0))
                .with(WireProperty.ZERO_PAGE_DETECTION_LEGACY, isAtMost(8, 2))
                .with(WireProperty.SEND_SWITCHOVER_START, !isAtMost(9, 2))
                .with(WireProperty.MULTIFD_CLEAN_TLS_TERMINATION, !isAtMost(9, 2))
                .with(WireProperty.SWITCHOVER_ACK_LEGACY, isAtMost(11, 0))
                .with(WireProperty.X_EARLY_MIGRATION, !isAtMost(7, 2));
    }
}
