package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.collections.Int2IntHashMap;

/**
 * Gathers the bytes of a device state, and remembers the places among them where a description could begin by where it
 * would end. Belongs to one thread.
 *
 * <p>What it does is in line with what comes, whatever that is and in whatever pieces: each byte is looked at once in
 * the search for such places, and parsed at most once more. A place is parsed once, when as much is there as it says,
 * and only up to the next byte of 0, which JSON does not have and each place begins with: so no two of them share a
 * byte that is parsed.
 */
final class DeviceStateCollector {
    /**
     * Far more than chance makes; a stream that is made to have more is read to its end instead. Some MiB at the most.
     */
    private static final int MAX_CANDIDATES = 64 * 1024;

    private static final int DESCRIPTION_HEADER_BYTES = DeviceState.DESCRIPTION_HEADER_BYTES;
    private static final int INITIAL_BYTES = 256 * 1024;
    private static final int NO_START = -1;

    private final MemoryGrowth growth;
    private byte[] bytes;
    private int length;
    private int scanned;
    private long workBytes;

    /** From the end of what looks like a description to its start. A later start wins: JSON has no byte 0 in it. */
    private final Int2IntHashMap startsByEnd = new Int2IntHashMap(NO_START);

    /**
     * Makes one.
     *
     * @param growth is asked before it takes more memory
     * @param beginning what it has to begin with
     */
    DeviceStateCollector(MemoryGrowth growth, byte[] beginning) throws IOException {
        this.growth = growth;
        int room = Math.max(INITIAL_BYTES, 2 * beginning.length);
        growth.by(room);
        this.bytes = Arrays.copyOf(beginning, room);
        this.length = beginning.length;
    }

    int readSome(StreamInput in) throws IOException {
        if (length == bytes.length) {
            if (length >= DeviceState.MAX_BYTES) {
                throw new StreamException("device state must be " + DeviceState.MAX_BYTES
                        + " bytes at the most: position=" + in.position());
            }
            growth.by(bytes.length);
            bytes = Arrays.copyOf(bytes, length * 2);
        }
        ByteBuffer room = ByteBuffer.wrap(bytes, length, bytes.length - length);
        int read = in.readSome(room, "device state");
        length = room.position();
        return read;
    }

    /** The description that all bytes so far end with; null where they do not. */
    VmDescription descriptionAtEnd() throws StreamException {
        for (; scanned + DESCRIPTION_HEADER_BYTES < length; scanned++) {
            workBytes++;
            if (bytes[scanned] == SectionType.EOF
                    && bytes[scanned + 1] == SectionType.VMDESCRIPTION
                    && bytes[scanned + DESCRIPTION_HEADER_BYTES] == '{'
                    && startsByEnd.size() < MAX_CANDIDATES) {
                long end = endOf(scanned);
                if (end >= length && end <= DeviceState.MAX_BYTES) {
                    startsByEnd.put((int) end, scanned);
                }
            }
        }
        int start = startsByEnd.remove(length); // once: at the stream's end it would be parsed again
        return start == NO_START ? null : parse(start + DESCRIPTION_HEADER_BYTES);
    }

    private VmDescription parse(int start) throws StreamException {
        for (int i = start; i < length; i++) {
            workBytes++;
            if (bytes[i] == 0) {
                return null;
            }
        }
        return VmDescription.parse(bytes, start, length - start).orElse(null);
    }

    private long endOf(int start) {
        return (long) start + DESCRIPTION_HEADER_BYTES + ByteBuffer.wrap(bytes).getInt(start + 2);
    }

    /** Whether that is the last byte so far. */
    boolean endsWith(int last) {
        return length > 0 && bytes[length - 1] == (byte) last;
    }

    int length() {
        return length;
    }

    /** How many bytes were looked at in all searches and parses. */
    long workBytes() {
        return workBytes;
    }

    /** What was gathered, without a copy: {@link #length} bytes of this. */
    byte[] bytes() {
        return bytes;
    }
}
