package io.pageferry.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The guest's RAM blocks as packets name them: finds a block by the bytes in a packet without making a String of them.
 *
 * <p>One instance belongs to one thread: it remembers the block it found last, which is nearly always the next one too.
 */
public final class RamBlockTable {
    /** What {@link #indexOf} returns for a name that no block has. */
    public static final int NOT_FOUND = -1;

    private final DirectBuffer[] names;
    private final long[] lengths;
    private int lastFound;

    /**
     * Makes a table; a block's index is its place in the lists.
     *
     * @param names of one to 255 bytes each
     * @param lengthsBytes as many, in bytes
     */
    public RamBlockTable(List<String> names, long[] lengthsBytes) {
        this.names = names.stream()
                .map(name -> new UnsafeBuffer(name.getBytes(StandardCharsets.US_ASCII)))
                .toArray(DirectBuffer[]::new);
        this.lengths = lengthsBytes.clone();
    }

    /** The name of a block in the bytes that the wire has, without a NUL. */
    public DirectBuffer name(int index) {
        return names[index];
    }

    public long lengthBytes(int index) {
        return lengths[index];
    }

    /** The index of the block that the 256-byte field at an offset names, or {@link #NOT_FOUND}. */
    int indexOf(DirectBuffer packet, int nameOffset) {
        if (names.length > 0 && matches(names[lastFound], packet, nameOffset)) {
            return lastFound;
        }
        for (int i = 0; i < names.length; i++) {
            if (matches(names[i], packet, nameOffset)) {
                lastFound = i;
                return i;
            }
        }
        return NOT_FOUND;
    }

    private static boolean matches(DirectBuffer name, DirectBuffer packet, int nameOffset) {
        int length = name.capacity();
        if (packet.getByte(nameOffset + length) != 0) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (packet.getByte(nameOffset + i) != name.getByte(i)) {
                return false;
            }
        }
        return true;
    }
}
