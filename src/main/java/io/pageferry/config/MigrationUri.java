package io.pageferry.config;

import java.nio.file.Path;

/** Where a migration goes to or comes from, in QEMU's notation. */
public sealed interface MigrationUri {
    /** {@code tcp:HOST:PORT}; an IPv6 address stands in brackets; an empty host means any address when listening. */
    record Tcp(String host, int port) implements MigrationUri {
        @Override
        public String toString() {
            return "tcp:" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** {@code unix:PATH}. */
    record Unix(Path path) implements MigrationUri {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /** {@code file:PATH[,offset=N]}: a mapped-ram image that starts at an offset in bytes. */
    record ImageFile(Path path, long offset) implements MigrationUri {
        @Override
        public String toString() {
            return "file:" + path + (offset == 0 ? "" : ",offset=" + offset);
        }
    }

    /**
     * Reads a URI, or QEMU's JSON in place of one.
     *
     * @throws ConfigException where the scheme is not one of tcp, unix and file, or the rest does not fit it
     */
    static MigrationUri parse(String text) {
        if (MigrationAddress.isJson(text)) {
            return MigrationAddress.parse(text);
        }
        int colon = text.indexOf(':');
        String rest = colon < 0 ? "" : text.substring(colon + 1);
        return switch (colon < 0 ? "" : text.substring(0, colon)) {
            case "tcp" -> parseTcp(text, rest);
            case "unix" -> {
                require(!rest.isEmpty(), "unix URI must name a path", text);
                yield new Unix(Path.of(rest));
            }
            case "file" -> parseFile(text, rest);
            default ->
                throw new ConfigException(
                        "URI must be tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]: value=" + text);
        };
    }

    private static Tcp parseTcp(String text, String rest) {
        int colon = rest.lastIndexOf(':');
        require(colon >= 0, "tcp URI must be tcp:HOST:PORT", text);
        String host = rest.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else {
            require(host.indexOf(':') < 0, "an IPv6 address must stand in brackets, tcp:[ADDRESS]:PORT", text);
        }
        String port = rest.substring(colon + 1);
        require(port.matches("\\d{1,5}") && Integer.parseInt(port) <= 65535, "port must be 0 to 65535", text);
        return new Tcp(host, Integer.parseInt(port));
    }

    private static ImageFile parseFile(String text, String rest) {
        int comma = rest.indexOf(",offset=");
        String path = comma < 0 ? rest : rest.substring(0, comma);
        require(!path.isEmpty(), "file URI must name a path", text);
        long offset = comma < 0 ? 0 : ByteSize.parse(rest.substring(comma + ",offset=".length()));
        return new ImageFile(Path.of(path), offset);
    }

    private static void require(boolean holds, String rule, String text) {
        if (!holds) {
            throw new ConfigException(rule + ": value=" + text);
        }
    }
}
