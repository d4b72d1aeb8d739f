package io.pageferry.control.qmp;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The members of one object among a command's arguments, each asked for once; what is wrong with one is said in QEMU's
 * words.
 */
final class Arguments {
    private final JsonNode object;
    private final String path;
    private final Set<String> asked = new HashSet<>();

    private Arguments(JsonNode object, String path) {
        this.object = object;
        this.path = path;
    }

    static Arguments of(JsonNode object) {
        return new Arguments(object, "");
    }

    boolean has(String name) {
        asked.add(name);
        return object.has(name);
    }

    /** The member as it is; it must be there. */
    JsonNode any(String name) throws QmpException {
        if (!has(name)) {
            throw new QmpException("Parameter '" + path + name + "' is missing");
        }
        return object.get(name);
    }

    String string(String name) throws QmpException {
        JsonNode value = any(name);
        requireType(value.isString(), name, "string");
        return value.stringValue();
    }

    Optional<String> optionalString(String name) throws QmpException {
        return has(name) ? Optional.of(string(name)) : Optional.empty();
    }

    /** A string; null counts as an empty one. */
    String stringOrNull(String name) throws QmpException {
        JsonNode value = any(name);
        requireType(value.isString() || value.isNull(), name, "StrOrNull");
        return value.isNull() ? "" : value.stringValue();
    }

    boolean bool(String name) throws QmpException {
        JsonNode value = any(name);
        requireType(value.isBoolean(), name, "boolean");
        return value.booleanValue();
    }

    boolean optionalBool(String name) throws QmpException {
        return has(name) && bool(name);
    }

    /** An unsigned number; as in QEMU, a negative one of 64 bits is the unsigned one with the same bits. */
    BigInteger unsigned(String name, int bits) throws QmpException {
        JsonNode value = any(name);
        if (!value.isIntegralNumber()) {
            throw new QmpException("Parameter '" + path + name + "' expects uint64");
        }
        BigInteger number = value.bigIntegerValue();
        if (number.signum() < 0) {
            number = number.add(BigInteger.TWO.pow(Long.SIZE));
        }
        if (number.bitLength() > bits) {
            throw new QmpException("Parameter '" + path + name + "' expects uint" + bits + "_t");
        }
        return number;
    }

    /** One of these words. */
    String word(String name, Collection<String> known) throws QmpException {
        String value = string(name);
        requireWord(name, value, known);
        return value;
    }

    static void requireWord(String name, String value, Collection<String> known) throws QmpException {
        if (!known.contains(value)) {
            throw new QmpException("Parameter '" + name + "' does not accept value '" + value + "'");
        }
    }

    Arguments object(String name) throws QmpException {
        JsonNode value = any(name);
        requireType(value.isObject(), name, "object");
        return new Arguments(value, path + name + ".");
    }

    List<Arguments> objects(String name) throws QmpException {
        JsonNode value = list(name);
        List<Arguments> elements = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            String element = name + "[" + i + "]";
            requireType(value.get(i).isObject(), element, "object");
            elements.add(new Arguments(value.get(i), path + element + "."));
        }
        return elements;
    }

    List<String> strings(String name) throws QmpException {
        JsonNode value = list(name);
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            requireType(value.get(i).isString(), name + "[" + i + "]", "string");
            elements.add(value.get(i).stringValue());
        }
        return elements;
    }

    JsonNode list(String name) throws QmpException {
        JsonNode value = any(name);
        requireType(value.isArray(), name, "array");
        return value;
    }

    /** All have been asked for; what is left is not wanted. */
    void end() throws QmpException {
        for (String name : object.propertyNames()) {
            if (!asked.contains(name)) {
                throw new QmpException("Parameter '" + path + name + "' is unexpected");
            }
        }
    }

    private void requireType(boolean is, String name, String expected) throws QmpException {
        if (!is) {
            throw new QmpException("Invalid parameter type for '" + path + name + "', expected: " + expected);
        }
    }
}
