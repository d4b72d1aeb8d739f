package io.pageferry.memory;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A piece of memory outside the heap, of any length, seen through windows that a {@code ByteBuffer} can address.
 *
 * <p>Reading and writing its bytes is for any thread; who may touch which bytes when is for the owners of batches to
 * know. {@link #close} is for the one who made it, once no other thread uses it: access after that is not caught.
 *
 * <p>Who hands it to the network without a copy {@linkplain #lend lends} it. What is lent when its owner is through
 * with it is unmapped, and nobody has it again: the kernel keeps the pages that it still reads, with what is in them,
 * as long as it reads them.
 */
public final class MemoryRegion implements AutoCloseable {
    /** A power of two, so that no page straddles two windows. */
    public static final long WINDOW_BYTES = 1L << 30;

    /** What the zero test looks at by itself. */
    private static final int ZERO_TEST_BYTES = 64;

    /** What becomes of memory at its end. */
    @FunctionalInterface
    interface Release {
        /**
         * Gives it up.
         *
         * @param lent whether the network may still read it: then it must be unmapped before anybody writes to it
         */
        void release(boolean lent);
    }

    private static final AtomicLong OPEN_REGIONS = new AtomicLong();

    private final long address;
    private final long sizeBytes;
    private final Release release;
    private final MemorySegment segment;
    private final UnsafeBuffer[] windows;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** How many have lent it, and have not heard that the network is done with it. */
    private final AtomicInteger lent = new AtomicInteger();

    /**
     * Buffers that move over this region only, kept with it where one thread at a time has it; see {@link IoVector}.
     */
    private final ByteBuffer[] ownViews;

    /**
     * Over memory that is there already.
     *
     * @param ownViews how many ranges of it may be in one {@link IoVector} where it is passed from thread to thread, as
     *     a pool's, and is never in two hands at once; then it has at most {@link #WINDOW_BYTES}
     * @param release what becomes of the memory at the end
     */
    @SuppressWarnings("restricted") // the segment is guarded by who closes the region
    MemoryRegion(long address, long sizeBytes, int ownViews, Release release) {
        this.address = address;
        this.sizeBytes = sizeBytes;
        this.release = release;
        this.ownViews = new ByteBuffer[ownViews];
        this.segment = MemorySegment.ofAddress(address).reinterpret(sizeBytes);
        this.windows = new UnsafeBuffer[Math.toIntExact((sizeBytes + WINDOW_BYTES - 1) / WINDOW_BYTES)];
        for (int i = 0; i < windows.length; i++) {
            long start = i * WINDOW_BYTES;
            int length = (int) Math.min(WINDOW_BYTES, sizeBytes - start);
            windows[i] = new UnsafeBuffer(NativeMemory.buffer(address + start, length));
        }
        OPEN_REGIONS.incrementAndGet();
    }

    /**
     * Takes fresh memory from the kernel; it reads as zeros and is not resident before it is touched.
     *
     * @param sizeBytes more than zero
     */
    public static MemoryRegion allocate(long sizeBytes) {
        NativeMemory.Mapping mapping = NativeMemory.map(sizeBytes);
        return new MemoryRegion(mapping.address(), sizeBytes, 0, _ -> NativeMemory.unmap(mapping));
    }

    /** How many regions of this process are not closed: what leak checks look at. */
    public static long openRegions() {
        return OPEN_REGIONS.get();
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** All of it, without the guard of an arena. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Says that the network is about to have it, to read when it likes: {@code MSG_ZEROCOPY}. A guest in memory is lent
     * by several channels at the same time. For any thread.
     */
    public void lend() {
        lent.incrementAndGet();
    }

    /**
     * Says that the kernel has told that it is done with all that was sent since {@link #lend}. Who never hears of it
     * never says so.
     */
    public void giveBack() {
        lent.decrementAndGet();
    }

    /** Whether the network may still read it, so that nobody else must have it. */
    public boolean isLent() {
        return lent.get() != 0;
    }

    /** The window that a position lies in. */
    public UnsafeBuffer window(long position) {
        return windows[(int) (position / WINDOW_BYTES)];
    }

    /** Where a position lies in its window. */
    public static int inWindow(long position) {
        return (int) (position & (WINDOW_BYTES - 1));
    }

    ByteBuffer windowBuffer(int index) {
        return windows[index].byteBuffer();
    }

    /** The buffer for a slot of the vector of the thread that has this region; null where many threads have it. */
    ByteBuffer ownView(int slot) {
        if (ownViews.length == 0) {
            return null;
        }
        if (ownViews[slot] == null) {
            ownViews[slot] = windowBuffer(0).duplicate();
        }
        return ownViews[slot];
    }

    /** Writes zeros over a page, or any other range that does not straddle two windows. */
    public void zero(long position, int lengthBytes) {
        window(position).setMemory(inWindow(position), lengthBytes, (byte) 0);
    }

    /**
     * Whether all bytes of a range are zero. Most ranges that are not say so in their first bytes, so those are looked
     * at first; the others are all like those that are so many before them, then.
     *
     * @param position a multiple of 8
     */
    public boolean isZero(long position, long lengthBytes) {
        Objects.checkFromIndexSize(position, lengthBytes, sizeBytes);
        for (int i = 0; i < ZERO_TEST_BYTES; i += Long.BYTES) {
            if (window(position).getLong(inWindow(position) + i) != 0) {
                return false;
            }
        }
        long start = address + position;
        return NativeMemory.isSame(start, start + ZERO_TEST_BYTES, lengthBytes - ZERO_TEST_BYTES);
    }

    /**
     * The first of some ranges, from one slot on, that begins with a word of zeros; {@code end} where none before it
     * does.
     */
    int nextPossibleZero(long[] positions, int slot, int end) {
        int next = slot;
        while (next < end && window(positions[next]).getLong(inWindow(positions[next])) != 0) {
            next++;
        }
        return next;
    }

    /**
     * Makes any range zero. Of what is whole in it the memory goes back to the kernel, which has it cleared when it is
     * touched again.
     */
    void clear(long position, long lengthBytes) {
        long end = position + lengthBytes;
        long firstWhole = (position + NativeMemory.HUGE_PAGE_BYTES - 1) & -NativeMemory.HUGE_PAGE_BYTES;
        long endWhole = end & -NativeMemory.HUGE_PAGE_BYTES;
        if (firstWhole >= endWhole) {
            segment.asSlice(position, lengthBytes).fill((byte) 0);
            return;
        }
        segment.asSlice(position, firstWhole - position).fill((byte) 0);
        NativeMemory.discard(address + firstWhole, endWhole - firstWhole);
        segment.asSlice(endWhole, end - endWhole).fill((byte) 0);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            OPEN_REGIONS.decrementAndGet();
            release.release(isLent());
        }
    }
}
