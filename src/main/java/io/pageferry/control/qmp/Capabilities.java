package io.pageferry.control.qmp;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;

/**
 * An endpoint's migration capabilities: all that QEMU 10.0 has, in its order, of which some can be turned on. One
 * thread's but for {@link #isOn}.
 */
final class Capabilities {
    static final String EVENTS = "events";
    static final String MAPPED_RAM = "mapped-ram";
    static final String MULTIFD = "multifd";
    static final String RETURN_PATH = "return-path";
    static final String ZERO_COPY_SEND = "zero-copy-send";
    static final String NO_ZERO_COPY = "Zero copy only available for non-compressed non-TLS multifd migration";
    private static final String SWITCHOVER_ACK = "switchover-ack";

    private static final List<String> ALL = List.of(
            "xbzrle",
            "rdma-pin-all",
            "auto-converge",
            "zero-blocks",
            EVENTS,
            "postcopy-ram",
            "x-colo",
            "release-ram",
            RETURN_PATH,
            "pause-before-switchover",
            MULTIFD,
            "dirty-bitmaps",
            "postcopy-blocktime",
            "late-block-activate",
            "x-ignore-shared",
            "validate-uuid",
            "background-snapshot",
            ZERO_COPY_SEND,
            "postcopy-preempt",
            SWITCHOVER_ACK,
            "dirty-limit",
            MAPPED_RAM);

    private static final Set<String> SUPPORTED = supported();

    private volatile Set<String> on = Set.of();

    private static Set<String> supported() {
        Set<String> names = new TreeSet<>(List.of(EVENTS, MAPPED_RAM, RETURN_PATH));
        Arrays.stream(MigrationCapability.values())
                .map(MigrationCapability::qemuName)
                .forEach(names::add);
        return names;
    }

    boolean isOn(String name) {
        return on.contains(name);
    }

    /** {@code query-migrate-capabilities}. */
    ArrayNode list() {
        ArrayNode list = QmpJson.array();
        ALL.forEach(name -> list.addObject().put("state", isOn(name)).put("capability", name));
        return list;
    }

    /**
     * {@code migrate-set-capabilities}: all of them or none.
     *
     * @param outgoing whether a migration goes out, which knows its capabilities already
     * @param incoming whether one is waited for or comes in
     */
    void set(Arguments arguments, boolean outgoing, boolean incoming) throws QmpException {
        Set<String> wanted = new TreeSet<>(on);
        for (Arguments one : arguments.objects("capabilities")) {
            String name = one.word("capability", ALL);
            boolean state = one.bool("state");
            one.end();
            if (state) {
                wanted.add(name);
            } else {
                wanted.remove(name);
            }
        }
        arguments.end();
        if (outgoing) {
            throw new QmpException(Endpoint.IN_PROGRESS);
        }
        require(!incoming || isOn(MULTIFD) || !wanted.contains(MULTIFD), "Multifd must be set before incoming starts");
        require(!incoming || withoutEvents(wanted).equals(withoutEvents(on)), Endpoint.IN_PROGRESS);
        require(!wanted.contains(ZERO_COPY_SEND) || wanted.contains(MULTIFD), NO_ZERO_COPY);
        require(
                !wanted.contains(SWITCHOVER_ACK) || wanted.contains(RETURN_PATH),
                "Capability 'switchover-ack' requires capability 'return-path'");
        for (String name : wanted) {
            require(SUPPORTED.contains(name), "Capability '" + name + "' is not supported by pageferry");
        }
        on = Set.copyOf(wanted);
    }

    /** What of it a migration has to know. */
    void addTo(MigrationParameters.Builder parameters) {
        for (MigrationCapability capability : MigrationCapability.values()) {
            if (isOn(capability.qemuName())) {
                parameters.enable(capability);
            } else {
                parameters.disable(capability);
            }
        }
    }

    private static Set<String> withoutEvents(Set<String> names) {
        Set<String> others = new TreeSet<>(names);
        others.remove(EVENTS);
        return others;
    }

    private static void require(boolean holds, String description) throws QmpException {
        if (!holds) {
            throw new QmpException(description);
        }
    }
}
