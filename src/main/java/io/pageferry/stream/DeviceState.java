package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Everything that is not RAM: sections that stood before its end, those of the devices behind it, EOF, and the
 * vmdescription, kept as they came. Immutable.
 *
 * <p>Device sections have no length, so the end is known in one of two ways. Either the stream ends; or, where the
 * source waits for an answer before it closes, the bytes so far end with EOF, a vmdescription's type and length, and
 * JSON that is whole at just that length.
 */
public final class DeviceState {
    /** What a guest's devices can amount to here. QEMU's come to some hundred KiB; their RAM is in blocks. */
    public static final int MAX_BYTES = 64 * 1024 * 1024;

    /** EOF, the vmdescription's type, its length. */
    static final int DESCRIPTION_HEADER_BYTES = 2 + Integer.BYTES;

    private static final byte[] EMPTY_DESCRIPTION = "{\"devices\":[]}".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes; // up to twice as long as what it has: a copy would be as much again
    private final int length;
    private final VmDescription description;
    private final boolean footers;

    private DeviceState(byte[] bytes, int length, VmDescription description, boolean footers) {
        this.bytes = bytes;
        this.length = length;
        this.description = description;
        this.footers = footers;
    }

    /** A guest's without devices, as those of our own making. */
    public static DeviceState empty() {
        ByteBuffer bytes = ByteBuffer.allocate(DESCRIPTION_HEADER_BYTES + EMPTY_DESCRIPTION.length)
                .put((byte) SectionType.EOF)
                .put((byte) SectionType.VMDESCRIPTION)
                .putInt(EMPTY_DESCRIPTION.length)
                .put(EMPTY_DESCRIPTION);
        return new DeviceState(bytes.array(), bytes.capacity(), new VmDescription(List.of()), true);
    }

    /**
     * Loads what {@link #read} needs. A device state is read while its guest stands still, and the JVM loads a JSON
     * parser in a hundred milliseconds.
     */
    public static void prepareToRead() {
        try {
            VmDescription.parse(EMPTY_DESCRIPTION, 0, EMPTY_DESCRIPTION.length);
        } catch (StreamException e) {
            throw new IllegalStateException(e); // our own, and within its limits
        }
    }

    /**
     * Reads to the end of a stream of our own, or of an image.
     *
     * @param endsItself whether the source stays and waits for an answer, so that the end must be recognized
     */
    public static DeviceState read(StreamInput in, boolean endsItself) throws IOException {
        return read(in, endsItself, MemoryGrowth.UNLIMITED);
    }

    /**
     * The same for who shares the heap with others.
     *
     * @param growth is asked before each step of what it takes: in all at most twice what has come, and 256 KiB; while
     *     it takes a step it has half as much again
     */
    public static DeviceState read(StreamInput in, boolean endsItself, MemoryGrowth growth) throws IOException {
        return read(in, new byte[0], endsItself, true, growth);
    }

    /**
     * The same where its beginning has been read already.
     *
     * @param configured whether the guest's streams have a configuration: where they have none there are no footers,
     *     and for machine types up to 2.1 no vmdescription
     */
    static DeviceState read(
            StreamInput in, byte[] beginning, boolean endsItself, boolean configured, MemoryGrowth growth)
            throws IOException {
        DeviceStateCollector collector = new DeviceStateCollector(growth, beginning);
        while (true) {
            boolean ended = collector.readSome(in) < 0;
            if (ended || endsItself) {
                VmDescription description = collector.descriptionAtEnd();
                if (description != null) {
                    return new DeviceState(collector.bytes(), collector.length(), description, configured);
                }
            }
            if (ended && !configured && collector.endsWith(SectionType.EOF)) {
                return new DeviceState(collector.bytes(), collector.length(), VmDescription.NONE, false);
            }
            if (ended) {
                throw new StreamException("stream must end with its vmdescription, do not suppress it"
                        + " (suppress-vmdesc): deviceStateBytes=" + collector.length() + " position=" + in.position());
            }
        }
    }

    /** All bytes: device sections, EOF, vmdescription. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes, 0, length).slice().asReadOnlyBuffer();
    }

    public int lengthBytes() {
        return length;
    }

    public VmDescription description() {
        return description;
    }

    /**
     * Holds the device sections against the vmdescription: each must be there, in its order, as long as that says, and
     * nothing else.
     *
     * @throws StreamException where the two differ: one of them is damaged
     */
    public void requireAsDescribed() throws IOException {
        if (description == VmDescription.NONE) {
            return;
        }
        new DeviceSections(ByteBuffer.wrap(bytes, 0, length), footers).requireAsDescribed(description);
    }
}
