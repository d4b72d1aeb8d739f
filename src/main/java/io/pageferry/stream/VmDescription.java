package io.pageferry.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The JSON at the end of a stream that describes its device sections. Immutable.
 *
 * @param devices the devices, in the order of their sections
 */
public record VmDescription(List<Device> devices) {
    /** Type, length of the name, version; the name is between them. */
    private static final int SUBSECTION_START_BYTES = 2 + Integer.BYTES;

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

    /** Reads a description; empty where the bytes are not one, whole. */
    public static Optional<VmDescription> parse(byte[] bytes, int offset, int length) {
        Optional<JsonTree> list = JsonTree.parse(bytes, offset, length)
                .map(root -> root.member("devices"))
                .filter(JsonTree::isArray);
        if (list.isEmpty()) {
            return Optional.empty();
        }
        List<Device> devices = new ArrayList<>();
        for (JsonTree device : list.get().elements()) {
            devices.add(new Device(
                    device.member("name").asString(),
                    device.member("instance_id").asLong(0),
                    device.member("version").asLong(0),
                    device.member("fields").elements().size(),
                    stateBytes(device)));
        }
        return Optional.of(new VmDescription(List.copyOf(devices)));
    }

    /** What a field has is said with all that is nested in it; what a subsection has comes behind the fields. */
    private static long stateBytes(JsonTree description) {
        long bytes = 0;
        for (JsonTree field : description.member("fields").elements()) {
            bytes += field.member("size").asLong(0) * field.member("array_len").asLong(1);
        }
        for (JsonTree subsection : description.member("subsections").elements()) {
            int nameBytes = subsection.member("vmsd_name").asString().length();
            bytes += SUBSECTION_START_BYTES + nameBytes + stateBytes(subsection);
        }
        return bytes;
    }
}
