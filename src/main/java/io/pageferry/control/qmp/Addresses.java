package io.pageferry.control.qmp;

import io.pageferry.config.ConfigException;
import io.pageferry.config.InetOptions;
import io.pageferry.config.MigrationUri;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;

/**
 * Where a migration goes to or comes from: {@code uri} or {@code channels} among the arguments, {@code socket-address}
 * among the answers.
 */
final class Addresses {
    private static final List<String> OTHER_PROTOCOLS = List.of("exec:", "rdma:", "vsock:", "fd:");
    private static final List<String> INET_OPTIONS = List.of("numeric", "mptcp");
    private static final List<String> UNIX_OPTIONS = List.of("abstract", "tight");

    private Addresses() {}

    /** What the arguments say; other arguments are left for the caller to ask for. */
    static MigrationUri read(Arguments arguments) throws QmpException {
        Optional<String> uri = arguments.optionalString("uri");
        Optional<MigrationUri> main = Optional.empty();
        boolean channels = arguments.has("channels");
        if (channels) {
            channels = !arguments.list("channels").isEmpty();
            for (Arguments channel : arguments.objects("channels")) {
                String type = channel.word("channel-type", List.of("main", "cpr"));
                MigrationUri address = address(channel.object("addr"));
                channel.end();
                requireSupported("channel-type", type, type.equals("main"));
                if (main.isPresent()) {
                    throw new QmpException("Channel list has more than one main entry");
                }
                main = Optional.of(address);
            }
        }
        if (uri.isPresent() == channels) {
            throw new QmpException("need either 'uri' or 'channels' argument");
        }
        return uri.isPresent() ? parse(uri.get()) : main.orElseThrow();
    }

    private static MigrationUri parse(String uri) throws QmpException {
        boolean other = OTHER_PROTOCOLS.stream().anyMatch(uri::startsWith);
        if (!other && !uri.startsWith("tcp:") && !uri.startsWith("unix:") && !uri.startsWith("file:")) {
            throw new QmpException("unknown migration protocol: " + uri);
        }
        try {
            return MigrationUri.parse(uri);
        } catch (ConfigException e) {
            throw uri.startsWith("tcp:")
                    ? new QmpException("error parsing address '" + uri.substring("tcp:".length()) + "'")
                    : new QmpException(e.getMessage());
        } catch (InvalidPathException e) {
            throw new QmpException("path must be valid: reason=\"" + e.getReason() + "\"");
        }
    }

    private static MigrationUri address(Arguments address) throws QmpException {
        String transport = address.word("transport", List.of("socket", "exec", "rdma", "file"));
        requireSupported("transport", transport, transport.equals("socket") || transport.equals("file"));
        MigrationUri uri = transport.equals("file") ? file(address) : socket(address);
        address.end();
        return uri;
    }

    private static MigrationUri file(Arguments file) throws QmpException {
        Path path = path(file, "filename");
        BigInteger offset = file.unsigned("offset", Long.SIZE);
        if (offset.bitLength() >= Long.SIZE) {
            throw new QmpException("Parameter 'offset' expects a value that a file can be as long as");
        }
        return new MigrationUri.ImageFile(path, offset.longValue());
    }

    private static MigrationUri socket(Arguments socket) throws QmpException {
        String type = socket.word("type", List.of("inet", "unix", "vsock", "fd"));
        requireSupported("type", type, type.equals("inet") || type.equals("unix"));
        if (type.equals("unix")) {
            Path path = path(socket, "path");
            requireNone(socket, UNIX_OPTIONS);
            return new MigrationUri.Unix(path);
        }
        String host = socket.string("host");
        String port = socket.string("port");
        OptionalInt to = socket.has("to")
                ? OptionalInt.of(socket.unsigned("to", Short.SIZE).intValue())
                : OptionalInt.empty();
        Optional<Boolean> ipv4 = flag(socket, "ipv4");
        Optional<Boolean> ipv6 = flag(socket, "ipv6");
        boolean keepAlive = socket.optionalBool("keep-alive");
        requireNone(socket, INET_OPTIONS);
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
            throw new QmpException("error parsing address '" + host + ":" + port + "'");
        }
        try {
            return new MigrationUri.Tcp(host, Integer.parseInt(port), new InetOptions(to, ipv4, ipv6, keepAlive));
        } catch (ConfigException e) {
            throw new QmpException(e.getMessage());
        }
    }

    private static Optional<Boolean> flag(Arguments socket, String name) throws QmpException {
        return socket.has(name) ? Optional.of(socket.bool(name)) : Optional.empty();
    }

    private static Path path(Arguments arguments, String name) throws QmpException {
        try {
            return Path.of(arguments.string(name));
        } catch (InvalidPathException e) {
            throw new QmpException("path must be valid: reason=\"" + e.getReason() + "\"");
        }
    }

    private static void requireNone(Arguments address, List<String> options) throws QmpException {
        for (String option : options) {
            if (address.has(option)) {
                throw new QmpException("Parameter '" + option + "' is not supported by pageferry");
            }
        }
    }

    private static void requireSupported(String name, String value, boolean supported) throws QmpException {
        if (!supported) {
            throw new QmpException("Parameter '" + name + "' is not supported by pageferry with value '" + value + "'");
        }
    }

    /** {@code socket-address} of {@code query-migrate}; nothing for a file. */
    static Optional<ArrayNode> list(MigrationUri uri) {
        ArrayNode list = QmpJson.array();
        switch (uri) {
            case MigrationUri.Tcp tcp ->
                list.addObject()
                        .put("port", String.valueOf(tcp.port()))
                        .put(tcp.host().contains(":") ? "ipv6" : "ipv4", true)
                        .put("host", tcp.host().isEmpty() ? "0.0.0.0" : tcp.host())
                        .put("type", "inet");
            case MigrationUri.Unix unix ->
                list.addObject().put("path", unix.path().toString()).put("type", "unix");
            case MigrationUri.ImageFile _ -> {
                return Optional.empty();
            }
        }
        return Optional.of(list);
    }
}
