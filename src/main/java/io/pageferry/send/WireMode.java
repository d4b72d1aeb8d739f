package io.pageferry.send;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.stream.MachineType;

/**
 * How the destination expects the stream to go, which nothing on the wire says: its QEMU takes it from the guest's
 * machine type, and so do we, where the user does not say otherwise.
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
    static WireMode of(MachineType machine, MigrationParameters parameters) {
        return new WireMode(
                parameters.flushAfterEachSection().orElse(machine.flushesAfterEachSection()),
                parameters
                        .zeroPageDetection()
                        .orElse(
                                machine.sendsZeroPagesOnMainChannel()
                                        ? ZeroPageDetection.LEGACY
                                        : ZeroPageDetection.MULTIFD),
                machine.announcesSwitchover(),
                parameters.pagesOnMainChannel() || !parameters.has(MigrationCapability.MULTIFD));
    }
}
