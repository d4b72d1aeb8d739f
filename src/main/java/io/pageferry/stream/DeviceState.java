package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is not RAM: sections that stood before its end, those of the devices behind it, EOF, and the
 * vmdescription, kept as they came. Immutable; where it lies in a file, that must stay open.
 *
 * <p>Device sections have no length, so the end is known in one of two ways. Either the stream ends; or, where the
 * source waits for an answer before it closes, the bytes so far end with EOF, a vmdescription's type and length, and
 * JSON that is whole at just that length.
 */
public final class DeviceState {
    /** EOF, the vmdescription's type, its length. */
    static final int DESCRIPTION_HEADER_BYTES = 2 + Integer.BYTES;

    private static final long LEAST_MAX_BYTES = 256L << 20;
    private static final int RAM_TO_DEVICE_STATE = 8;

    private static final int COPY_BYTES = 64 * 1024;
    private static final byte[] EMPTY_DESCRIPTION = "{\"devices\":[]}".getBytes(StandardCharsets.US_ASCII);

    private final DeviceStateStore store;
    private final long length;
    private final long sectionsLength;
    private final VmDescription description;
    private final boolean footers;

    private DeviceState(
            DeviceStateStore store, long length, long sectionsLength, VmDescription description, boolean footers) {
        this.store = store;
        this.length = length;
        this.sectionsLength = sectionsLength;
        this.description = description;
        this.footers = footers;
    }

    /**
     * How a device state is read.
     *
     * @param endsItself whether the source stays and waits for an answer, so that the end must be recognized
     * @param configured whether the guest's streams have a configuration: where they have none there are no footers,
     *     and for machine types up to 2.1 no vmdescription
     * @param maxBytes the most that it may be
     * @param growth is asked before memory is taken
     */
    record Terms(boolean endsItself, boolean configured, long maxBytes, MemoryGrowth growth) {}

    /**
     * The most that a guest is expected to have, in bytes, where nobody has said it. Graphics adapters have the most:
     * 80 MiB where a screen has 5120 columns.
     */
    public static long defaultMaxBytes(long ramBytes) {
        return Math.max(LEAST_MAX_BYTES, ramBytes / RAM_TO_DEVICE_STATE);
    }

    /** A guest's without devices, as those of our own making. */
    public static DeviceState empty() {
        ByteBuffer bytes = ByteBuffer.allocate(DESCRIPTION_HEADER_BYTES + EMPTY_DESCRIPTION.length)
                .put((byte) SectionType.EOF)
                .put((byte) SectionType.VMDESCRIPTION)
                .putInt(EMPTY_DESCRIPTION.length)
                .put(EMPTY_DESCRIPTION)
                .flip();
        HeapDeviceStateStore store = new HeapDeviceStateStore(MemoryGrowth.UNLIMITED);
        int length = bytes.remaining();
        try {
            store.append(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e); // it is small
        }
        return new DeviceState(store, length, 0, new VmDescription(List.of()), true);
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
     * Reads to the end of a stream onto the heap, of who has no other place for it.
     *
     * @param endsItself whether the source stays and waits for an answer, so that the end must be recognized
     * @param maxBytes the most that it may be
     * @param growth is asked before memory is taken
     */
    public static DeviceState read(StreamInput in, boolean endsItself, long maxBytes, MemoryGrowth growth)
            throws IOException {
        return read(in, new byte[0], new HeapDeviceStateStore(growth), new Terms(endsItself, true, maxBytes, growth));
    }

    /**
     * Reads to the end of a stream.
     *
     * @param beginning what of it has been read already
     * @param store takes it as it comes
     */
    static DeviceState read(StreamInput in, byte[] beginning, DeviceStateStore store, Terms terms) throws IOException {
        DeviceStateCollector collector = new DeviceStateCollector(store, terms.growth, terms.maxBytes);
        collector.add(ByteBuffer.wrap(beginning));
        while (true) {
            boolean ended = collector.readSome(in) < 0;
            if (ended || terms.endsItself) {
                Optional<VmDescription> description = collector.descriptionAtEnd();
                if (description.isPresent()) {
                    return new DeviceState(
                            store, collector.length(), collector.sectionsLength(), description.get(), terms.configured);
                }
            }
            if (ended && !terms.configured && collector.endsWith(SectionType.EOF)) {
                long sections = collector.length() - Byte.BYTES;
                return new DeviceState(store, collector.length(), sections, VmDescription.NONE, false);
            }
            if (ended) {
                throw new StreamException("stream must end with its vmdescription, do not suppress it"
                        + " (suppress-vmdesc): deviceStateBytes=" + collector.length() + " position=" + in.position());
            }
        }
    }

    public long lengthBytes() {
        return length;
    }

    /** How long the sections are alone, without what ends a stream behind them: EOF and the vmdescription. */
    public long sectionsLengthBytes() {
        return sectionsLength;
    }

    public VmDescription description() {
        return description;
    }

    /** Writes all bytes: device sections, EOF, vmdescription. */
    public void write(StreamOutput out) throws IOException {
        copyTo(out::bytes, length);
    }

    /** Writes the sections alone: behind them the stream goes on. */
    public void writeSections(StreamOutput out) throws IOException {
        copyTo(out::bytes, sectionsLength);
    }

    /** The same to where another one is to lie. */
    public void write(DeviceStateStore to) throws IOException {
        copyTo(to::append, length);
    }

    private void copyTo(ByteSink sink, long end) throws IOException {
        ByteBuffer part = ByteBuffer.allocate((int) Math.min(COPY_BYTES, end));
        for (long at = 0; at < end; at += part.limit()) {
            part.clear().limit((int) Math.min(part.capacity(), end - at));
            store.read(at, part);
            sink.write(part.flip());
        }
    }

    /** Whether it lies there already. */
    public boolean isIn(DeviceStateStore place) {
        return store == place;
    }

    /**
     * Holds the device sections against the vmdescription: each must be there, in its order, as long as that says, and
     * nothing else.
     *
     * @throws StreamException where the two differ: one of them is damaged
     */
    public void requireAsDescribed() throws IOException {
        if (description != VmDescription.NONE) {
            new DeviceSections(new StreamInput(new Source()), length, footers).requireAsDescribed(description);
        }
    }

    /** All of it as a stream. */
    private final class Source implements ByteSource {
        private long position;

        @Override
        public int read(ByteBuffer into, String what) throws IOException {
            int count = (int) Math.min(into.remaining(), length - position);
            if (count == 0) {
                return -1;
            }
            int limit = into.limit();
            store.read(position, into.limit(into.position() + count));
            into.limit(limit);
            position += count;
            return count;
        }

        @Override
        public void seek(long newPosition) {
            position = newPosition;
        }
    }
}
