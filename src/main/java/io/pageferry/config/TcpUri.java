package io.pageferry.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code tcp:HOST:PORT[,OPTION...]}. Stateless: any thread. */
final class TcpUri {
    static final int MAX_PORT = 65535;

    private static final String SCHEME = "tcp:";
    private static final Set<String> OPTIONS = Set.of("to", "ipv4", "ipv6", "keep-alive", "mptcp");

    private TcpUri() {}

    static MigrationUri.Tcp parse(String text) {
        String rest = text.substring(SCHEME.length());
        require(!rest.startsWith("//"), "tcp URI must have no slashes", text, rest.replaceFirst("^/+", ""));
        require(!rest.matches("\\d+"), "tcp URI must have a host before its port, or an empty one", text, ":" + rest);
        int comma = rest.indexOf(',');
        String address = comma < 0 ? rest : rest.substring(0, comma);
        int colon = address.lastIndexOf(':');
        require(colon >= 0 && !address.endsWith("]"), "tcp URI must name a port, tcp:HOST:PORT", text);
        String host = address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else {
            require(host.indexOf(':') < 0, "an IPv6 address must stand in brackets, tcp:[ADDRESS]:PORT", text);
        }
        require(!host.matches(".*[\\s/@\\[\\]].*"), "host must be a name or an address", text);
        int port = port(address.substring(colon + 1), text);
        return new MigrationUri.Tcp(
                host, port, comma < 0 ? InetOptions.NONE : options(rest.substring(comma + 1), port, text));
    }

    /**
     * A port.
     *
     * @param where what it stands in, for the error
     */
    static int port(String port, String where) {
        require(port.matches("\\d{1,5}") && Integer.parseInt(port) <= MAX_PORT, "port must be 0 to " + MAX_PORT, where);
        return Integer.parseInt(port);
    }

    /** What must hold of options along with the port that they stand behind. */
    static InetOptions checked(InetOptions options, int port, String where) {
        require(
                options.to().isEmpty() || options.to().getAsInt() >= port,
                "to must be the last port to try, not one before the first",
                where);
        return options;
    }

    /** What the JDK's sockets cannot do. */
    static void requireNoMptcp(boolean mptcp, String where) {
        require(!mptcp, "mptcp must be off, Java has no sockets for it", where);
    }

    private static InetOptions options(String list, int port, String text) {
        Map<String, String> said = new HashMap<>();
        for (String option : list.split(",", -1)) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            require(
                    OPTIONS.contains(name),
                    "tcp URI's options must be to=PORT, ipv4=on|off, ipv6=on|off or keep-alive=on|off: option=" + name,
                    text);
            require(
                    said.put(name, equals < 0 ? "on" : option.substring(equals + 1)) == null,
                    "tcp URI's option must stand there once: option=" + name,
                    text);
        }
        requireNoMptcp(flag(said, "mptcp", text).orElse(false), text);
        String to = said.get("to");
        return checked(
                new InetOptions(
                        to == null ? OptionalInt.empty() : OptionalInt.of(port(to, text)),
                        flag(said, "ipv4", text),
                        flag(said, "ipv6", text),
                        flag(said, "keep-alive", text).orElse(false)),
                port,
                text);
    }

    private static Optional<Boolean> flag(Map<String, String> said, String name, String text) {
        String value = said.get(name);
        require(value == null || value.equals("on") || value.equals("off"), name + " must be on or off", text);
        return Optional.ofNullable(value).map("on"::equals);
    }

    private static void require(boolean holds, String rule, String text) {
        if (!holds) {
            throw new ConfigException(rule + (rule.contains(": ") ? " value=" : ": value=") + text);
        }
    }

    private static void require(boolean holds, String rule, String text, String meant) {
        require(holds, rule, text + " meant=" + SCHEME + meant);
    }
}
