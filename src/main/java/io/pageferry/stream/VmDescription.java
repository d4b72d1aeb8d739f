package io.pageferry.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON at the end of a stream that describes its device sections. Immutable.
 *
 * @param devices the devices, in the order of their sections
 */
public record VmDescription(List<Device> devices) {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

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
        JsonNode root;
        try {
            root = MAPPER.readTree(bytes, offset, length);
        } catch (JacksonException e) {
            return Optional.empty();
        }
        JsonNode list = root.path("devices");
        if (!list.isArray()) {
            return Optional.empty();
        }
        List<Device> devices = new ArrayList<>();
        for (JsonNode node : list) {
            devices.add(new Device(
                    node.path("name").asString(""),
                    node.path("instance_id").asLong(0),
                    node.path("version").asLong(0),
                    node.path("fields").size(),
                    stateBytes(node)));
        }
        return Optional.of(new VmDescription(List.copyOf(devices)));
    }

    /** What a field has is said with all that is nested in it; what a subsection has comes behind the fields. */
    private static long stateBytes(JsonNode description) {
        long bytes = 0;
        for (JsonNode field : description.path("fields")) {
            bytes += field.path("size").asLong(0) * field.path("array_len").asLong(1);
        }
        for (JsonNode subsection : description.path("subsections")) {
            int nameBytes = subsection.path("vmsd_name").asString("").length();
            bytes += SUBSECTION_START_BYTES + nameBytes + stateBytes(subsection);
        }
        return bytes;
    }
}
