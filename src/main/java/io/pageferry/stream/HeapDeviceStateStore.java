package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A device state on the heap, in up to twice as many bytes as it has. */
public final class HeapDeviceStateStore implements DeviceStateStore {
    private static final int INITIAL_BYTES = 16 * 1024;

    /** What an array can have, and a little less. */
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    private final MemoryGrowth growth;
    private byte[] bytes = {};
    private int length;

    /**
     * Makes one that is empty.
     *
     * @param growth is asked before each step of what it takes; while it takes a step it has half as much again
     */
    public HeapDeviceStateStore(MemoryGrowth growth) {
        this.growth = growth;
    }

    @Override
    public void append(ByteBuffer more) throws IOException {
        int added = more.remaining();
        if (added > MOST_BYTES - length) {
            throw new StreamException("device state in memory must be " + MOST_BYTES + " bytes at the most: bytes="
                    + ((long) length + added));
        }
        if (length + added > bytes.length) {
            int larger = (int) Math.min(MOST_BYTES, Math.max(INITIAL_BYTES, 2L * bytes.length));
            larger = Math.max(larger, length + added);
            growth.by(larger - bytes.length);
            bytes = Arrays.copyOf(bytes, larger);
        }
        more.get(bytes, length, added);
        length += added;
    }

    @Override
    public void read(long position, ByteBuffer into) {
        into.put(bytes, (int) position, into.remaining());
    }
}
