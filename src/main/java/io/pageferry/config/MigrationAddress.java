package io.pageferry.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON that QEMU 8.2 and later take in place of a URI: a {@code MigrationAddress}, a {@code MigrationChannel}
 * with one, or the list of channels that {@code migrate} has. Stateless: any thread.
 *
 * <p>What QEMU has and we don't is refused by its name, and so is what QEMU would not know: nothing is ignored.
 */
final class MigrationAddress {
    /** Loaded where there is JSON to be read: most addresses are URIs, and Jackson takes long to load. */
    private static final class Reader {
        static final ObjectMapper MAPPER = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    private MigrationAddress() {}

    /** Whether a text is meant to be JSON: no URI begins like that, and an address in brackets is not meant to be. */
    static boolean isJson(String text) {
        return text.startsWith("{") || text.startsWith("[") && !text.matches("\\[[0-9A-Fa-f:.]+].*");
    }

    static MigrationUri parse(String text) {
        JsonNode root;
        try {
            root = Reader.MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw new ConfigException(
                    "migration address must be whole JSON: reason=\"" + e.getOriginalMessage() + "\" value=" + text);
        }
        if (root.isArray()) {
            if (root.size() != 1) {
                throw new ConfigException("migration must have one channel in its list, the main one: channels="
                        + root.size() + " value=" + text);
            }
            return channel(root.get(0));
        }
        return root.has("addr") || root.has("channel-type") ? channel(root) : address(root);
    }

    private static MigrationUri channel(JsonNode channel) {
        requireMembers("channel", channel, Set.of("channel-type", "addr"));
        requireOneOf("channel-type", string("channel", channel, "channel-type"), List.of("main"));
        return address(member("channel", channel, "addr"));
    }

    private static MigrationUri address(JsonNode address) {
        String transport = string("address", address, "transport");
        requireOurs("transport", transport, List.of("socket", "file"));
        return transport.equals("file") ? file(address) : socket(address);
    }

    private static MigrationUri file(JsonNode file) {
        requireMembers("file address", file, Set.of("transport", "filename", "offset"));
        JsonNode offset = member("file address", file, "offset");
        if (!offset.isIntegralNumber() || !offset.canConvertToLong() || offset.asLong() < 0) {
            throw new ConfigException("file address's offset must be a number of bytes: offset=" + offset);
        }
        return new MigrationUri.ImageFile(Path.of(string("file address", file, "filename")), offset.asLong());
    }

    private static MigrationUri socket(JsonNode socket) {
        String type = string("socket address", socket, "type");
        requireOurs("type", type, List.of("inet", "unix"));
        if (type.equals("unix")) {
            requireMembers("unix address", socket, Set.of("transport", "type", "path"));
            return new MigrationUri.Unix(Path.of(string("unix address", socket, "path")));
        }
        requireMembers(
                "inet address",
                socket,
                Set.of("transport", "type", "host", "port", "to", "ipv4", "ipv6", "keep-alive", "mptcp"));
        String host = member("inet address", socket, "host").asString("");
        int port = TcpUri.port(string("inet address", socket, "port"), socket.toString());
        TcpUri.requireNoMptcp(flag(socket, "mptcp").orElse(false), socket.toString());
        InetOptions options = new InetOptions(
                port(socket, "to"),
                flag(socket, "ipv4"),
                flag(socket, "ipv6"),
                flag(socket, "keep-alive").orElse(false));
        return new MigrationUri.Tcp(host, port, TcpUri.checked(options, port, socket.toString()));
    }

    private static OptionalInt port(JsonNode inet, String name) {
        JsonNode value = inet.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new ConfigException("inet address's " + name + " must be a number: " + name + "=" + value);
        }
        return OptionalInt.of(value.asInt());
    }

    private static Optional<Boolean> flag(JsonNode inet, String name) {
        JsonNode value = inet.get(name);
        if (value != null && !value.isBoolean()) {
            throw new ConfigException("inet address's " + name + " must be true or false: " + name + "=" + value);
        }
        return Optional.ofNullable(value).map(JsonNode::booleanValue);
    }

    /** Of what QEMU has and we don't, the error says why, and what to do. */
    private static void requireOurs(String name, String value, List<String> ours) {
        Optional<String> reason = ForeignAddress.reason(value);
        if (reason.isPresent()) {
            throw new ConfigException(
                    name + " must be " + String.join(" or ", ours) + ", " + reason.get() + ": " + name + "=" + value);
        }
        requireOneOf(name, value, ours);
    }

    private static JsonNode member(String what, JsonNode object, String name) {
        if (!object.has(name)) {
            throw new ConfigException(what + " must have the member " + name + ": value=" + object);
        }
        return object.get(name);
    }

    private static String string(String what, JsonNode object, String name) {
        JsonNode value = member(what, object, name);
        if (!value.isString() || value.asString().isEmpty()) {
            throw new ConfigException(what + "'s " + name + " must be a string: " + name + "=" + value);
        }
        return value.asString();
    }

    private static void requireOneOf(String name, String value, List<String> known) {
        if (!known.contains(value)) {
            throw new ConfigException(name + " must be one of " + String.join(", ", known) + ": " + name + "=" + value);
        }
    }

    private static void requireMembers(String what, JsonNode object, Set<String> known) {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw new ConfigException(what + " must have known members only: member=" + name);
            }
        }
    }
}
