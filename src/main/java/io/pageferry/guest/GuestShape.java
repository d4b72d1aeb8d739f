package io.pageferry.guest;

import io.pageferry.config.ConfigException;

/**
 * What a synthetic guest is like.
 *
 * @param sizeBytes its RAM, whole pages of 4 KiB
 * @param dirtyRate bytes a second that it dirties, by whole pages; 0 for a guest that does nothing
 * @param zeroShare which share of its pages is zero, 0 to 1
 * @param compressibility which share of a page that is not zero repeats itself, 0 (random bytes) to 1
 * @param seed of everything that is random about it
 */
public record GuestShape(long sizeBytes, long dirtyRate, double zeroShare, double compressibility, long seed) {
    public static final int PAGE_SIZE_BYTES = 4096;

    public GuestShape {
        if (sizeBytes < PAGE_SIZE_BYTES || sizeBytes % PAGE_SIZE_BYTES != 0) {
            throw new ConfigException("guest's size must be whole pages of 4096 bytes: size=" + sizeBytes);
        }
        if (dirtyRate < 0) {
            throw new ConfigException("dirty rate must not be negative: dirty-rate=" + dirtyRate);
        }
        requireShare("zero share", zeroShare);
        requireShare("compressibility", compressibility);
    }

    private static void requireShare(String what, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new ConfigException(what + " must be 0 to 1: value=" + share);
        }
    }
}
