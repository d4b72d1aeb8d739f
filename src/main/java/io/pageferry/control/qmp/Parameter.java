package io.pageferry.control.qmp;

import java.math.BigInteger;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A migration parameter: its name, what values QEMU takes, which one it begins with, and whether there is anything here
 * that it changes.
 *
 * @param expects what QEMU says of a value that is out of range
 */
record Parameter(String name, Kind kind, JsonNode initial, boolean supported, String expects) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Equal numbers must be equal nodes. */
    private static JsonNode node(BigInteger value) {
        return NODES.numberNode(value);
    }

    /** What its values are. */
    sealed interface Kind {
        JsonNode read(Arguments arguments, String name) throws QmpException;

        /** Whether a value of the right type is in range. */
        default boolean allows(JsonNode value) {
            return true;
        }
    }

    /** A number without sign. */
    record Unsigned(int bits, long least, long most) implements Kind {
        private static final long NO_LIMIT = -1;

        @Override
        public JsonNode read(Arguments arguments, String name) throws QmpException {
            return node(arguments.unsigned(name, bits));
        }

        @Override
        public boolean allows(JsonNode value) {
            BigInteger number = value.bigIntegerValue();
            return number.compareTo(BigInteger.valueOf(least)) >= 0
                    && (most == NO_LIMIT || number.compareTo(BigInteger.valueOf(most)) <= 0);
        }
    }

    /** {@code true} or {@code false}. */
    record Flag() implements Kind {
        @Override
        public JsonNode read(Arguments arguments, String name) throws QmpException {
            return NODES.booleanNode(arguments.bool(name));
        }
    }

    /** One of some words, of which QEMU may have more than there are here. */
    record Word(List<String> words) implements Kind {
        @Override
        public JsonNode read(Arguments arguments, String name) throws QmpException {
            return NODES.stringNode(arguments.word(name, words));
        }
    }

    /** A string; null is an empty one. */
    record Text() implements Kind {
        @Override
        public JsonNode read(Arguments arguments, String name) throws QmpException {
            return NODES.stringNode(arguments.stringOrNull(name));
        }
    }

    static Parameter number(String name, int bits, long initial, long least, long most, String range) {
        String expects = "Parameter '" + (name.startsWith("x-") ? name : name.replace('-', '_')) + "' expects " + range;
        return new Parameter(name, new Unsigned(bits, least, most), node(BigInteger.valueOf(initial)), false, expects);
    }

    static Parameter size(String name, long initial) {
        return number(name, Long.SIZE, initial, 0, Unsigned.NO_LIMIT, "");
    }

    static Parameter flag(String name) {
        return new Parameter(name, new Flag(), NODES.booleanNode(false), false, "");
    }

    static Parameter word(String name, String initial, String... words) {
        return new Parameter(name, new Word(List.of(words)), NODES.stringNode(initial), false, "");
    }

    static Parameter text(String name) {
        return new Parameter(name, new Text(), NODES.stringNode(""), false, "");
    }

    /** The same, and it can be set. */
    Parameter canBeSet() {
        return new Parameter(name, kind, initial, true, expects);
    }

    JsonNode read(Arguments arguments) throws QmpException {
        return kind.read(arguments, name);
    }

    /** Refuses what QEMU refuses, and then what it does not, but would be of no effect here. */
    void require(JsonNode value) throws QmpException {
        if (!kind.allows(value)) {
            throw new QmpException(expects);
        }
        if (!supported && !value.equals(initial)) {
            throw new QmpException("Parameter '" + name + "' is not supported by pageferry");
        }
    }
}
