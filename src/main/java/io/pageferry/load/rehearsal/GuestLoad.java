package io.pageferry.load.rehearsal;

/**
 * A guest as pre-copy sees it.
 *
 * @param bytes its RAM
 * @param zeroShare which share of its pages is zero, 0 to 1
 * @param dirtyRate bytes a second that it writes, by whole pages anywhere in its working set
 * @param workingSet the bytes that it writes to
 */
record GuestLoad(double bytes, double zeroShare, double dirtyRate, double workingSet) {
    /**
     * The pages that are dirty after a while, in bytes: who writes at random writes some pages again, and the more so
     * the longer it goes on.
     */
    double dirtiedWithin(double seconds) {
        return dirtyRate == 0 ? 0 : workingSet * -Math.expm1(-dirtyRate * seconds / workingSet);
    }
}
