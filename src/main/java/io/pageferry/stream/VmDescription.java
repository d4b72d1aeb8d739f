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

    /**
     * One device's section.
     *
     * @param name its idstr, such as {@code 0000:00:02.0/vga}
     * @param instanceId which one, where there are several of that name
     * @param versionId version of its state
     * @param fields how many fields its state has at the top
     */
    public record Device(String name, long instanceId, long versionId, int fields) {}

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
                    node.path("fields").size()));
        }
        return Optional.of(new VmDescription(List.copyOf(devices)));
    }
}
