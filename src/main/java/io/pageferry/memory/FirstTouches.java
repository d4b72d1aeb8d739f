package io.pageferry.memory;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Has each huge page of fresh memory touched for the first time by one thread only, and before anything is written to
 * it. For any thread.
 *
 * <p>The kernel clears a huge page when it is touched first. Threads that do so at the same time all have one cleared,
 * and all but one throw theirs away: a source that hands neighbours to its channels in turns, as QEMU does, has every
 * page cleared as often as there are channels.
 */
final class FirstTouches {
    /** Enough for channels that are at different pages not to wait for each other. */
    private static final int LOCKS = 64;

    private final MemoryRegion region;
    private final PageBitmap touched;
    private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

    /** Begins with a region that nobody has touched. */
    FirstTouches(MemoryRegion region) {
        this.region = region;
        this.touched = new PageBitmap(hugePage(region.sizeBytes() - 1) + 1);
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    /** Comes back when all huge pages of a range, which is not empty, are there. */
    void touch(long position, long lengthBytes) {
        long last = hugePage(position + lengthBytes - 1);
        for (long page = hugePage(position); page <= last; page++) {
            if (!touched.isSet(page)) {
                touch(page);
            }
        }
    }

    private void touch(long page) {
        ReentrantLock lock = locks[(int) (page % LOCKS)];
        lock.lock();
        try {
            if (!touched.isSet(page)) {
                // It is zero, and nobody writes to it before the bit is set.
                region.zero(page * NativeMemory.HUGE_PAGE_BYTES, 1);
                touched.set(page);
            }
        } finally {
            lock.unlock();
        }
    }

    private static long hugePage(long position) {
        return position / NativeMemory.HUGE_PAGE_BYTES;
    }
}
