package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.agrona.collections.Long2LongHashMap;

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

    /** A hundred times what QEMU's have: it is parsed on the heap. */
    private static final int MAX_DESCRIPTION_BYTES = 16 * 1024 * 1024;

    private static final int DESCRIPTION_HEADER_BYTES = DeviceState.DESCRIPTION_HEADER_BYTES;
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int FIRST_LOOK_BYTES = 512;
    private static final long NO_START = -1;

    private final DeviceStateStore store;
    private final MemoryGrowth growth;
    private final long maxBytes;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    private long length;
    private long lastBytes = -1; // the last eight, of which none may be taken for one of an end at the beginning
    private long workBytes;
    private long descriptionStart = NO_START;

    /** From the end of what looks like a description to its start. A later start wins: JSON has no byte 0 in it. */
    private final Long2LongHashMap startsByEnd = new Long2LongHashMap(NO_START);

    /**
     * Makes one.
     *
     * @param growth is asked before it takes memory of its own
     * @param maxBytes the most that may come
     */
    DeviceStateCollector(DeviceStateStore store, MemoryGrowth growth, long maxBytes) throws IOException {
        growth.by(CHUNK_BYTES);
        this.store = store;
        this.growth = growth;
        this.maxBytes = maxBytes;
    }

    /** Begins with what has been read already. */
    void add(ByteBuffer beginning) throws IOException {
        if (beginning.remaining() > maxBytes) {
            throw new StreamException("device state must be " + maxBytes
                    + " bytes at the most, set max-device-state: beforeEndOfRam=" + beginning.remaining());
        }
        take(beginning);
    }

    /** Reads what is there; -1: the stream has ended. */
    int readSome(StreamInput in) throws IOException {
        int read = in.readSome(chunk.clear(), "device state");
        if (read > 0) {
            if (read > maxBytes - length) {
                throw new StreamException("device state must be " + maxBytes
                        + " bytes at the most, set max-device-state: position=" + in.position());
            }
            take(chunk.flip());
        }
        return read;
    }

    private void take(ByteBuffer bytes) throws IOException {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            look(bytes.get(i), length + (i - bytes.position()) + 1);
        }
        length += bytes.remaining();
        store.append(bytes);
    }

    /**
     * Looks at one byte.
     *
     * @param position behind it
     */
    private void look(byte next, long position) {
        workBytes++;
        lastBytes = lastBytes << Byte.SIZE | next & 0xff;
        boolean isPlace = next == '{'
                && (byte) (lastBytes >>> 6 * Byte.SIZE) == SectionType.EOF
                && (byte) (lastBytes >>> 5 * Byte.SIZE) == SectionType.VMDESCRIPTION;
        if (isPlace && startsByEnd.size() < MAX_CANDIDATES) {
            int stated = (int) (lastBytes >>> Byte.SIZE);
            long start = position - 1;
            if (stated > 0 && stated <= MAX_DESCRIPTION_BYTES && start + stated <= maxBytes) {
                startsByEnd.put(start + stated, start);
            }
        }
    }

    /** The description that all bytes so far end with. */
    Optional<VmDescription> descriptionAtEnd() throws IOException {
        long start = startsByEnd.remove(length); // once: at the stream's end it would be parsed again
        Optional<VmDescription> description = start == NO_START ? Optional.empty() : parse(start);
        if (description.isPresent()) {
            descriptionStart = start;
        }
        return description;
    }

    /** How long the sections are that come before the description that was found. */
    long sectionsLength() {
        return descriptionStart - DESCRIPTION_HEADER_BYTES;
    }

    private Optional<VmDescription> parse(long start) throws IOException {
        int size = (int) (length - start);
        // A look at its beginning first: what is none has a 0 soon, and is not to cost as much as it says.
        for (long at = start, most = FIRST_LOOK_BYTES;
                at < length;
                at += most, most = Math.min(2 * most, CHUNK_BYTES)) {
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(most, length - at));
            store.read(at, part);
            for (int i = 0; i < part.capacity(); i++) {
                workBytes++;
                if (part.get(i) == 0) {
                    return Optional.empty();
                }
            }
        }
        growth.by(size);
        byte[] json = new byte[size];
        store.read(start, ByteBuffer.wrap(json));
        return VmDescription.parse(json, 0, size);
    }

    /** Whether that is the last byte so far. */
    boolean endsWith(int last) {
        return length > 0 && (byte) lastBytes == (byte) last;
    }

    long length() {
        return length;
    }

    /** How many bytes were looked at in all searches and parses. */
    long workBytes() {
        return workBytes;
    }
}
