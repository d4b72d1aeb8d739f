package io.pageferry.send;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.WireProperty;
import java.util.Optional;

/**
 * How the destination expects the stream to go, which nothing on the wire says: its QEMU takes it from the guest's
 * machine type. So do we, where the user does not say otherwise, and the guest's source has not shown it. A wrong guess
 * hangs or ends the destination: where nothing is known of its syncs, the stream suits every one.
 *
 * @param flushAfterEachSection whether each end of a RAM section is a sync, rather than each MULTIFD_FLUSH
 * @param zeroPages who finds zero pages, and where they go
 * @param announceSwitchover whether the switchover is said beforehand
 * @param pagesOnMainChannel whether pages are in the main stream: where there are no channels, or where it is not known
 *     when a destination waits for them. Then neither of the above matters
 */
record WireMode(
        boolean flushAfterEachSection,
        ZeroPageDetection zeroPages,
        boolean announceSwitchover,
        boolean pagesOnMainChannel) {
    /**
     * Chooses.
     *
     * @param known of the guest: what its source has shown, and else what its machine type says
     */
    static WireMode of(Dialect known, MigrationParameters parameters) {
        Optional<Boolean> flushAfterEachSection =
                parameters.flushAfterEachSection().or(() -> known.get(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION));
        // Every QEMU takes zero pages on the main channel, but only newer ones take them on the others.
        boolean legacy = flushAfterEachSection.orElse(false)
                || known.get(WireProperty.ZERO_PAGE_DETECTION_LEGACY).orElse(true);
        return new WireMode(
                flushAfterEachSection.orElse(false),
                parameters.zeroPageDetection().orElse(legacy ? ZeroPageDetection.LEGACY : ZeroPageDetection.MULTIFD),
                known.has(WireProperty.SEND_SWITCHOVER_START),
                parameters.pagesOnMainChannel()
                        || !parameters.has(MigrationCapability.MULTIFD)
                        || flushAfterEachSection.isEmpty());
    }

    /** Why a destination may wait for ever for what does not come, as the end of a message. */
    String reasonToStall() {
        return pagesOnMainChannel
                ? ""
                : " likely=\"its machine type may sync otherwise, set multifd-flush-after-each-section to "
                        + (flushAfterEachSection ? "off" : "on") + "\"";
    }
}
