package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.agrona.collections.Int2IntHashMap;

/**
 * Everything after RAM's end: the device sections, EOF, and the vmdescription, kept as they came. Immutable.
 *
 * <p>Device sections have no length, so the end is known in one of two ways. Either the stream ends; or, where the source waits for an answer
 * before it closes, the bytes so far end with EOF, a vmdescription's type and length, and JSON that is whole at just that length.
 */
public final class DeviceState {
    /** What a guest's devices can amount to here. QEMU's come to some hundred KiB; their RAM is in blocks. */
    public static final int MAX_BYTES = 64 * 1024 * 1024;

    private static final int DESCRIPTION_HEADER_BYTES = 2 + Integer.BYTES;
    private static final int NO_START = -1;
    private static final byte[] EMPTY_DESCRIPTION = "{\"devices\":[]}".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;
    private final VmDescription description;

    private DeviceState(byte[] bytes, VmDescription description) {
        this.bytes = bytes;
        this.description = description;
    }

    /** A guest's without devices, as those of our own making. */
    public static DeviceState empty() {
        ByteBuffer bytes = ByteBuffer.allocate(DESCRIPTION_HEADER_BYTES + EMPTY_DESCRIPTION.length)
                .put((byte) SectionType.EOF)
                .put((byte) SectionType.VMDESCRIPTION)
                .putInt(EMPTY_DESCRIPTION.length)
                .put(EMPTY_DESCRIPTION);
        return new DeviceState(bytes.array(), new VmDescription(List.of()));
    }

    /**
     * Loads what {@link #read} needs. A device state is read while its guest stands still, and the JVM loads a JSON parser in a hundred milliseconds.
     */
    public static void prepareToRead() {
        VmDescription.parse(EMPTY_DESCRIPTION, 0, EMPTY_DESCRIPTION.length);
    }

    /**
     * Reads to the end of a stream.
     *
     * @param endsItself whether the source stays and waits for an answer, so that the end must be recognized
     */
    public static DeviceState read(StreamInput in, boolean endsItself) throws IOException {
        Collector collector = new Collector();
        while (true) {
            boolean ended = collector.readSome(in) < 0;
            if (ended || endsItself) {
                VmDescription description = collector.descriptionAtEnd();
                if (description != null) {
                    return new DeviceState(collector.toBytes(), description);
                }
            }
            if (ended) {
                throw new StreamException("stream must end with its vmdescription, do not suppress it"
                        + " (suppress-vmdesc): deviceStateBytes=" + collector.length + " position=" + in.position());
            }
        }
    }

    /** All bytes: device sections, EOF, vmdescription. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    public int lengthBytes() {
        return bytes.length;
    }

    public VmDescription description() {
        return description;
    }

    /**
     * Holds the device sections against the vmdescription: each must be there, in its order, as long as that says, and nothing else.
     *
     * @throws StreamException where the two differ: one of them is damaged
     */
    public void requireAsDescribed() throws StreamException {
        new DeviceSections(bytes).requireAsDescribed(description);
    }

    /** Gathers bytes, and remembers the places among them where a description could begin by where it would end. */
    private static final class Collector {
        /** Far more than chance makes; a stream that is made to have more is read to its end instead. */
        private static final int MAX_CANDIDATES = 64 * 1024;

        private byte[] bytes = new byte[256 * 1024];
        private int length;
        private int scanned;

        /** From the end of what looks like a description to its start. A later start wins: JSON has no byte 0 in it. */
        private final Int2IntHashMap startsByEnd = new Int2IntHashMap(NO_START);

        int readSome(StreamInput in) throws IOException {
            if (length == bytes.length) {
                if (length >= MAX_BYTES) {
                    throw new StreamException(
                            "device state must be " + MAX_BYTES + " bytes at the most: position=" + in.position());
                }
                bytes = Arrays.copyOf(bytes, length * 2);
            }
            ByteBuffer room = ByteBuffer.wrap(bytes, length, bytes.length - length);
            int read = in.readSome(room, "device state");
            length = room.position();
            return read;
        }

        VmDescription descriptionAtEnd() {
            for (; scanned + DESCRIPTION_HEADER_BYTES < length; scanned++) {
                if (bytes[scanned] == SectionType.EOF
                        && bytes[scanned + 1] == SectionType.VMDESCRIPTION
                        && bytes[scanned + DESCRIPTION_HEADER_BYTES] == '{'
                        && startsByEnd.size() < MAX_CANDIDATES) {
                    long end = endOf(scanned);
                    if (end >= length && end <= MAX_BYTES) {
                        startsByEnd.put((int) end, scanned);
                    }
                }
            }
            int start = startsByEnd.get(length);
            if (start == NO_START) {
                return null;
            }
            int json = start + DESCRIPTION_HEADER_BYTES;
            return VmDescription.parse(bytes, json, length - json).orElse(null);
        }

        private long endOf(int start) {
            return (long) start
                    + DESCRIPTION_HEADER_BYTES
                    + ByteBuffer.wrap(bytes).getInt(start + 2);
        }

        byte[] toBytes() {
            return Arrays.copyOf(bytes, length);
        }
    }
}
