package io.pageferry.config;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses that are none here: those that only QEMU has, and typing errors. Stateless: any thread. */
final class ForeignAddress {
    private static final String RULE = "URI must be tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]";

    /** By QEMU's scheme or type: why not, and what to do. */
    private static final Map<String, String> ONLY_QEMUS = Map.of(
            "exec", "exec would run a command, which pageferry never does: QEMU's exec can run convert with stream:-",
            "fd", "fd is one connection, and multifd needs several: use tcp or unix, or socket activation for serve",
            "vsock", "vsock needs sockets that Java does not have: use tcp or unix, with socat between",
            "rdma", "rdma needs what Java does not have: use tcp");

    private static final Pattern HOST_AND_PORT = Pattern.compile("([\\w.-]*|\\[[0-9A-Fa-f:.]+]):\\d{1,5}(,.*)?");

    private ForeignAddress() {}

    /** Why an address of QEMU's is refused, by its scheme or type; nothing where it is none of QEMU's. */
    static Optional<String> reason(String type) {
        return Optional.ofNullable(ONLY_QEMUS.get(type));
    }

    /** What to throw at a text that begins with no scheme of ours. */
    static ConfigException refuse(String text) {
        int colon = text.indexOf(':');
        String scheme = colon < 0 ? "" : text.substring(0, colon);
        if (text.isBlank()) {
            return new ConfigException("URI must not be empty, it is tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]");
        }
        if (!text.equals(text.strip())) {
            return new ConfigException("URI must have no spaces around it: value=\"" + text + "\"");
        }
        if (text.startsWith("-")) {
            return new ConfigException("URI must stand without options of QEMU's migrate, such as -d: value=" + text);
        }
        if (ONLY_QEMUS.containsKey(scheme)) {
            return new ConfigException("URI must be tcp, unix or file, " + ONLY_QEMUS.get(scheme) + ": value=" + text);
        }
        String lower = scheme.toLowerCase(Locale.ROOT);
        if (!lower.equals(scheme) && (lower.equals("tcp") || lower.equals("unix") || lower.equals("file"))) {
            return meant("URI's scheme must be in lower case", text, lower + text.substring(colon));
        }
        if (HOST_AND_PORT.matcher(text).matches()) {
            return meant(RULE, text, "tcp:" + text);
        }
        if (text.startsWith("/") || text.startsWith("./") || text.startsWith("../")) {
            return new ConfigException(RULE + ": value=" + text + " meant=\"unix:" + text + " or file:" + text + "\"");
        }
        return new ConfigException(RULE + ": value=" + text);
    }

    private static ConfigException meant(String rule, String text, String meant) {
        return new ConfigException(rule + ": value=" + text + " meant=" + meant);
    }
}
