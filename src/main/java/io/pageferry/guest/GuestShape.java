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
 * @param workingSetBytes the part of its RAM, from its beginning, that it dirties; 0 for all of it
 */
public record GuestShape(
        long sizeBytes, long dirtyRate, double zeroShare, double compressibility, long seed, long workingSetBytes) {
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
        if (workingSetBytes < 0 || workingSetBytes > sizeBytes || workingSetBytes % PAGE_SIZE_BYTES != 0) {
            throw new ConfigException("working set must be whole pages of 4096 bytes, and not larger than the guest: "
                    + "working-set=" + workingSetBytes + " size=" + sizeBytes);
        }
    }

    /** One that dirties all of its RAM. */
    public GuestShape(long sizeBytes, long dirtyRate, double zeroShare, double compressibility, long seed) {
        this(sizeBytes, dirtyRate, zeroShare, compressibility, seed, 0);
    }

    long workingSetPages() {
        return (workingSetBytes == 0 ? sizeBytes : workingSetBytes) / PAGE_SIZE_BYTES;
    }

    private static void requireShare(String what, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new ConfigException(what + " must be 0 to 1: value=" + share);
        }
    }
}
