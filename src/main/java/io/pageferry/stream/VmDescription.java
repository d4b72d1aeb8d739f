package io.pageferry.stream;

import java.util.List;
import java.util.Optional;

/**
 * The JSON at the end of a stream that describes its device sections. Immutable.
 *
 * @param devices the devices, in the order of their sections
 */
public record VmDescription(List<Device> devices) {
    /** There is none. */
    static final VmDescription NONE = new VmDescription(List.of());

    /** Type, length of the name, version; the name is between them. */
    static final int SUBSECTION_START_BYTES = 2 + Integer.BYTES;

    /**
     * One device's section.
     *
     * @param name its idstr, such as {@code 0000:00:02.0/vga}
     * @param instanceId which one, where there are several of that name
     * @param versionId version of its state; 0 where none is said
     * @param fields how many fields its state has at the top
     * @param stateBytes how long its state is, between the section's start and its footer
     */
    public record Device(String name, long instanceId, long versionId, int fields, long stateBytes) {}

    /**
     * Reads a description; empty where the bytes are not one, whole.
     *
     * @throws StreamException where they are more than any machine's would be
     */
    public static Optional<VmDescription> parse(byte[] bytes, int offset, int length) throws StreamException {
        return VmDescriptionReader.read(bytes, offset, length);
    }
}
