package io.pageferry.stream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A value of JSON and all that is in it; what is not there, or is of another kind than is asked for, reads as nothing. Immutable.
 *
 * <p>Made of Jackson's tokens. Its own tree needs four hundred classes more, which a process has to load while the first guest that it takes stands still.
 *
 * @param value a map, a list, a string, a long, or null for all else
 */
record JsonTree(Object value) {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final JsonTree NOTHING = new JsonTree(null);

    /** Reads one value; empty where the bytes are not one, whole. */
    static Optional<JsonTree> parse(byte[] bytes, int offset, int length) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            JsonTree root = read(parser);
            return parser.nextToken() == null ? Optional.of(root) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** The value whose first token is the current one. Deeper nesting than Jackson allows is an error of its own. */
    private static JsonTree read(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> new JsonTree(parser.getString());
            case VALUE_NUMBER_INT -> number(parser);
            default -> NOTHING;
        };
    }

    private static JsonTree object(JsonParser parser) {
        Map<String, JsonTree> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, read(parser));
        }
        return new JsonTree(members);
    }

    private static JsonTree array(JsonParser parser) {
        List<JsonTree> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(read(parser));
        }
        return new JsonTree(elements);
    }

    private static JsonTree number(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> new JsonTree(parser.getLongValue());
            default -> NOTHING;
        };
    }

    boolean isArray() {
        return value instanceof List;
    }

    JsonTree member(String name) {
        return value instanceof Map<?, ?> members && members.get(name) instanceof JsonTree member ? member : NOTHING;
    }

    List<JsonTree> elements() {
        return value instanceof List<?> list
                ? list.stream().map(JsonTree.class::cast).toList()
                : List.of();
    }

    String asString() {
        return value instanceof String string ? string : "";
    }

    long asLong(long otherwise) {
        return value instanceof Long number ? number : otherwise;
    }
}
