package io.pageferry.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Memory to be written or filled by one gathering write or scattering read: what QEMU calls {@code iov}. Pages that lie
 * next to each other are joined, since scattered ones cost a sixth of the throughput.
 *
 * <p>Belongs to one thread. Reused for ever: buffers are views that are moved, not made, as long as a slot stays in the
 * same {@linkplain MemoryRegion#WINDOW_BYTES window}.
 */
public final class IoVector {
    private final ByteBuffer[] buffers;
    private final ByteBuffer[] views;
    private final ByteBuffer[] viewedWindows;
    private int count;
    private long totalBytes;

    private final MemoryRegion[] regions;
    private int regionCount;

    private MemoryRegion lastRegion;
    private long lastEnd;

    /**
     * Makes an empty vector.
     *
     * @param capacity the most buffers it must hold: one a page and what stands in front of them
     */
    public IoVector(int capacity) {
        buffers = new ByteBuffer[capacity];
        views = new ByteBuffer[capacity];
        viewedWindows = new ByteBuffer[capacity];
        regions = new MemoryRegion[capacity];
    }

    public void clear() {
        Arrays.fill(buffers, 0, count, null);
        Arrays.fill(regions, 0, regionCount, null);
        count = 0;
        regionCount = 0;
        totalBytes = 0;
        lastRegion = null;
    }

    /** Adds what remains of a buffer, whose position moves as it is written or filled. */
    public void add(ByteBuffer buffer) {
        buffers[count++] = buffer;
        totalBytes += buffer.remaining();
        lastRegion = null;
    }

    /** Adds a range of a region; it is joined to the one before where they touch. */
    public void add(MemoryRegion region, long position, int lengthBytes) {
        if (regionCount == 0 || regions[regionCount - 1] != region) {
            regions[regionCount++] = region;
        }
        int first = (int) Math.min(lengthBytes, MemoryRegion.WINDOW_BYTES - MemoryRegion.inWindow(position));
        addInWindow(region, position, first);
        if (first < lengthBytes) {
            addInWindow(region, position + first, lengthBytes - first);
        }
    }

    private void addInWindow(MemoryRegion region, long position, int lengthBytes) {
        int inWindow = MemoryRegion.inWindow(position);
        if (region == lastRegion && position == lastEnd && inWindow != 0) {
            ByteBuffer previous = buffers[count - 1];
            previous.limit(previous.limit() + lengthBytes);
        } else {
            int slot = count++;
            ByteBuffer view = region.ownView(slot);
            if (view == null) {
                view = viewOf(region.windowBuffer((int) (position / MemoryRegion.WINDOW_BYTES)), slot);
            }
            buffers[slot] = view.limit(inWindow + lengthBytes).position(inWindow);
        }
        lastRegion = region;
        lastEnd = position + lengthBytes;
        totalBytes += lengthBytes;
    }

    private ByteBuffer viewOf(ByteBuffer window, int slot) {
        if (viewedWindows[slot] != window) {
            viewedWindows[slot] = window;
            views[slot] = window.duplicate();
        }
        return views[slot];
    }

    /** The buffers, {@link #count()} of them, in order. */
    public ByteBuffer[] buffers() {
        return buffers;
    }

    public int count() {
        return count;
    }

    /** How many regions there are that ranges are of; one counts again where another was in between. */
    public int regions() {
        return regionCount;
    }

    public MemoryRegion region(int index) {
        return regions[index];
    }

    /** What was added, whether moved in the meantime or not. */
    public long totalBytes() {
        return totalBytes;
    }
}
