package io.pageferry.load.rehearsal;

/**
 * What a link and both its ends do with pages as they are, measured with migrations over so many channels.
 *
 * @param bytesPerSecond of pages that are not zero
 * @param scatteredBytesPerSecond of pages that are not zero, and have no neighbours to go with: those that a guest has
 *     dirtied
 * @param zeroBytesPerSecond of pages that are
 * @param setupSeconds that a migration takes even if there is next to nothing to send
 * @param switchSeconds of downtime, even if there is nothing left to send in it
 * @param sourceSecondsPerByte processor time of the source a byte of pages
 * @param targetSecondsPerByte of the target, 0 where it is not known
 */
public record LinkProfile(
        int channels,
        double bytesPerSecond,
        double scatteredBytesPerSecond,
        double zeroBytesPerSecond,
        double setupSeconds,
        double switchSeconds,
        double sourceSecondsPerByte,
        double targetSecondsPerByte) {}
