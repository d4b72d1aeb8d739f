package io.pageferry.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Up to a packet's worth of pages of one RAM block: what QEMU calls {@code MultiFDPages_t}, in the shape that the wire
 * has.
 *
 * <p>One buffer outside the heap holds the room for a packet's fixed fields and behind it the offset array, big-endian,
 * first the normal pages', then the zero pages'. So sending a batch is: fill the fields, gather, write; and receiving
 * one is: read into the buffer, validate, use it.
 *
 * <p>Whoever works with offsets has them in an array on the heap, from which they go into the packet, and into which
 * they come from it, all at once: in code that the JVM has not compiled yet, each look into a buffer is a dozen calls,
 * and a guest has a million pages.
 *
 * <p>A batch has one owner at a time. It is handed from thread to thread by pointer; only its holder may touch it.
 */
public class PageBatch {
    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private final LongBuffer packetOffsets;
    private final long[] offsets;

    private RamBlock block;
    private int normalPages;
    private int zeroPages;

    /**
     * Makes an empty batch.
     *
     * @param fieldBytes the room in front of the offset array
     * @param capacity how many pages fit
     */
    public PageBatch(int fieldBytes, int capacity) {
        this.bytes = ByteBuffer.allocateDirect(fieldBytes + capacity * Long.BYTES);
        this.buffer = new UnsafeBuffer(bytes);
        this.packetOffsets = bytes.slice(fieldBytes, capacity * Long.BYTES)
                .order(ByteOrder.BIG_ENDIAN)
                .asLongBuffer();
        this.offsets = new long[capacity];
    }

    /** The whole packet, for flyweights. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** The same memory for reading and writing; position and limit are the user's to set. */
    public ByteBuffer bytes() {
        return bytes;
    }

    public int capacity() {
        return offsets.length;
    }

    /** Empties the batch and says which block the next pages are of. */
    public void begin(RamBlock block) {
        this.block = block;
        normalPages = 0;
        zeroPages = 0;
    }

    /** Takes what came in a validated packet, whose offsets are in the buffer. */
    public void received(RamBlock block, int normalPages, int zeroPages) {
        this.block = block;
        this.normalPages = normalPages;
        this.zeroPages = zeroPages;
        packetOffsets.get(0, offsets, 0, pages());
    }

    /** Puts the offsets into the buffer, where the packet has them. */
    public void fillOffsets() {
        packetOffsets.put(0, offsets, 0, pages());
    }

    /** Adds a page to the normal ones; only while there are no zero pages yet. */
    public void add(long pageOffset) {
        offset(normalPages++, pageOffset);
    }

    /** Adds a page that is known to be zero, behind the normal ones. */
    public void addZero(long pageOffset) {
        offset(normalPages + zeroPages++, pageOffset);
    }

    /**
     * Adds pages that follow each other to the normal ones, as many of them as there is room for; only while there are
     * no zero pages yet.
     *
     * @return how many
     */
    public int addRun(long pageOffset, long pages) {
        int count = (int) Math.min(pages, capacity() - normalPages);
        offsets(normalPages, pageOffset, count);
        normalPages += count;
        return count;
    }

    /** The same for pages that are known to be zero, behind the normal ones. */
    public int addZeroRun(long pageOffset, long pages) {
        int count = (int) Math.min(pages, capacity() - pages());
        offsets(pages(), pageOffset, count);
        zeroPages += count;
        return count;
    }

    private void offsets(int slot, long pageOffset, int count) {
        int pageSize = block.pageSizeBytes();
        long next = pageOffset;
        for (int i = slot; i < slot + count; i++) {
            offsets[i] = next;
            next += pageSize;
        }
    }

    public boolean isFull() {
        return normalPages + zeroPages == offsets.length;
    }

    public boolean isEmpty() {
        return normalPages + zeroPages == 0;
    }

    public RamBlock block() {
        return block;
    }

    public int normalPages() {
        return normalPages;
    }

    public int zeroPages() {
        return zeroPages;
    }

    public int pages() {
        return normalPages + zeroPages;
    }

    /** Says how the pages divide after zero pages were found among them and moved to the end. */
    public void divide(int normalPages, int zeroPages) {
        this.normalPages = normalPages;
        this.zeroPages = zeroPages;
    }

    /** The offset in the block of the page in a slot. */
    public long offset(int slot) {
        return offsets[slot];
    }

    public void offset(int slot, long pageOffset) {
        offsets[slot] = pageOffset;
    }

    /** Copies the normal pages' offsets. */
    void copyOffsets(long[] into) {
        System.arraycopy(offsets, 0, into, 0, normalPages);
    }

    /** How many slots from one on are pages that follow each other in the block, not counting past {@code end}. */
    public int runLength(int slot, int end) {
        return runLength(offsets, slot, end, block.pageSizeBytes());
    }

    static int runLength(long[] starts, int slot, int end, int pageSizeBytes) {
        int last = slot;
        while (last + 1 < end && starts[last + 1] == starts[last] + pageSizeBytes) {
            last++;
        }
        return last + 1 - slot;
    }
}
