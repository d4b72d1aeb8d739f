package io.pageferry.stream;

import io.pageferry.wire.PacketGeometry;
import java.util.Optional;
import java.util.Set;

/**
 * A guest's machine type, such as {@code pc-q35-8.2}, and what its name says of the wire: a machine type pins the
 * behaviour of the QEMU that it came with, also how the migration stream goes.
 */
public record MachineType(String name) {
    /** Machines of SPARC64, Alpha and OpenRISC: their pages are of 8 KiB, which no stream of theirs says. */
    private static final Set<String> OF_8_KIB_PAGES = Set.of("sun4u", "sun4v", "niagara", "clipper", "or1k-sim");

    /**
     * A type without a version does as its QEMU: images are of 9.0 and newer, which sync and find zero pages alike.
     * What a QEMU of before does not know, or a newer one counts, is left open.
     */
    private static final Dialect UNVERSIONED = Dialect.UNKNOWN
            .with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, false)
            .with(WireProperty.ZERO_PAGE_DETECTION_LEGACY, false)
            .with(WireProperty.X_EARLY_MIGRATION, true);

    /** What the name says; {@link Dialect#UNKNOWN} where it is not a known one. */
    public Dialect dialect() {
        return version()
                .map(MachineVersion::dialect)
                .orElse(MachineTypes.isUnversioned(name) ? UNVERSIONED : Dialect.UNKNOWN);
    }

    /**
     * Whether a source with {@code switchover-ack} waits for one answer, whatever its devices, and one without takes it
     * for no fault: from 8.1 to 11.0 ({@code switchover-ack-legacy}). QEMU before 8.1 does not know the answer.
     */
    public boolean awaitsSwitchoverAck() {
        return version()
                .filter(version -> !version.isAtMost(8, 0) && version.isAtMost(11, 0))
                .isPresent();
    }

    /** Whether a source counts the answers that its devices ask for, and fails with one too many: from 11.1 on. */
    public boolean countsSwitchoverAcks() {
        return version().filter(version -> !version.isAtMost(11, 0)).isPresent();
    }

    /** The page size of its guests, where the stream does not say: 4 KiB but for a few machines. */
    public int pageSizeBytes() {
        return OF_8_KIB_PAGES.contains(name) ? 8192 : PacketGeometry.DEFAULT_PAGE_SIZE_BYTES;
    }

    /** Whether that is certain: machines whose types have versions have pages of 4 KiB, or say their size. */
    public boolean isPageSizeKnown() {
        return version().isPresent() || OF_8_KIB_PAGES.contains(name);
    }

    private Optional<MachineVersion> version() {
        return MachineTypes.version(name);
    }
}
