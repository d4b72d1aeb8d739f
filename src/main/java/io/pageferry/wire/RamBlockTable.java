package io.pageferry.wire;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The guest's RAM blocks as packets name them: finds a block by the bytes in a packet without making a String of them,
 * in as many comparisons as the number of blocks has digits in binary.
 *
 * <p>One instance belongs to one thread: it remembers the block it found last, which is nearly always the next one too.
 * All of a guest share their names.
 */
public final class RamBlockTable {
    /** What {@link #indexOf} returns for a name that no block has. */
    public static final int NOT_FOUND = -1;

    private final DirectBuffer[] names;
    private final long[] lengths;

    /** Indexes of blocks, in the order of their names' bytes. */
    private final int[] sorted;

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
        this.sorted = IntStream.range(0, names.size())
                .boxed()
                .sorted(Comparator.comparing(names::get))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private RamBlockTable(RamBlockTable other) {
        names = other.names;
        lengths = other.lengths;
        sorted = other.sorted;
    }

    /**
     * One of the same blocks, for another thread: 255 channels of a guest with 4096 blocks would have their names 255
     * times.
     */
    public RamBlockTable forAnotherThread() {
        return new RamBlockTable(this);
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
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(names[sorted[middle]], packet, nameOffset);
            if (order == 0) {
                lastFound = sorted[middle];
                return lastFound;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return NOT_FOUND;
    }

    /** How a name stands to the one in a packet; it is ASCII, and has no NUL, which that ends with. */
    private static int compare(DirectBuffer name, DirectBuffer packet, int nameOffset) {
        int length = name.capacity();
        for (int i = 0; i < length; i++) {
            int order = name.getByte(i) - (packet.getByte(nameOffset + i) & 0xff);
            if (order != 0) {
                return order;
            }
        }
        return packet.getByte(nameOffset + length) == 0 ? 0 : -1;
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
