package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes of a stream that are kept as they came: sections of other devices than RAM. Belongs to one thread. */
public final class SectionRecord {
    private static final int INITIAL_BYTES = 4096;

    private final MemoryGrowth growth;
    private final long maxBytes;
    private byte[] bytes = {};
    private int length;
    private int kept;

    /**
     * Makes one that is empty.
     *
     * @param growth is asked before it takes more memory
     * @param maxBytes the most that it takes
     */
    public SectionRecord(MemoryGrowth growth, long maxBytes) {
        this.growth = growth;
        this.maxBytes = Math.min(maxBytes, Integer.MAX_VALUE / 2);
    }

    /**
     * Adds so many bytes of a buffer, from one on; its position stays. Nothing is made: this goes on while RAM comes.
     */
    void add(ByteBuffer from, int first, int added) throws IOException {
        if (added > maxBytes - length) {
            throw new StreamException("sections of devices before the end of RAM must be " + maxBytes
                    + " bytes at the most: bytes=" + ((long) length + added));
        }
        if (length + added > bytes.length) {
            int larger = Math.max(Math.max(INITIAL_BYTES, 2 * bytes.length), length + added);
            growth.by(larger - bytes.length);
            bytes = Arrays.copyOf(bytes, larger);
        }
        from.get(first, bytes, length, added);
        length += added;
    }

    /** What was recorded since the last time that this was called is to stay. */
    public void keep() {
        kept = length;
    }

    /** What was recorded since {@link #keep} is forgotten. */
    public void forget() {
        length = kept;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** All that is here, a copy. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
