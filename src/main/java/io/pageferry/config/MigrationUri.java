package io.pageferry.config;

import java.nio.file.Path;

/** Where a migration goes to or comes from, in QEMU's notation. */
public sealed interface MigrationUri {
    /**
     * {@code tcp:HOST:PORT[,OPTION...]}; an IPv6 address stands in brackets; an empty host means any address when
     * listening.
     */
    record Tcp(String host, int port, InetOptions options) implements MigrationUri {
        public Tcp(String host, int port) {
            this(host, port, InetOptions.NONE);
        }

        @Override
        public String toString() {
            return "tcp:" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port + options;
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
            case "tcp" -> TcpUri.parse(text);
            case "unix" -> {
                require(!rest.isEmpty(), "unix URI must name a path", text);
                yield new Unix(Path.of(rest));
            }
            case "file" -> parseFile(text, rest);
            default -> throw ForeignAddress.refuse(text);
        };
    }

    private static ImageFile parseFile(String text, String rest) {
        int comma = rest.indexOf(",offset=");
        String path = comma < 0 ? rest : rest.substring(0, comma);
        require(!path.isEmpty(), "file URI must name a path", text);
        return new ImageFile(Path.of(path), comma < 0 ? 0 : parseOffset(rest.substring(comma + ",offset=".length())));
    }

    /** As a size, or as QEMU prints one: in hexadecimal. */
    private static long parseOffset(String offset) {
        return offset.matches("0[xX][0-9a-fA-F]{1,15}")
                ? Long.parseLong(offset.substring(2), 16)
                : ByteSize.parse(offset);
    }

    private static void require(boolean holds, String rule, String text) {
        if (!holds) {
            throw new ConfigException(rule + ": value=" + text);
        }
    }
}
