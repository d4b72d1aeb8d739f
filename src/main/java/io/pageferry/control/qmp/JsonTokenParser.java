package io.pageferry.control.qmp;

import java.math.BigInteger;
import java.util.Deque;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes one value of its tokens, or says in QEMU's words why they are none. Its depth was checked before. */
final class JsonTokenParser {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final BigInteger UINT64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final BigInteger INT64_MIN = BigInteger.valueOf(Long.MIN_VALUE);

    /** No 64-bit integer has more digits, and one that has is not worth to be read as a number of arbitrary size. */
    private static final int MAX_INTEGER_CHARACTERS = 20;

    private final Deque<JsonToken> tokens;

    JsonTokenParser(Deque<JsonToken> tokens) {
        this.tokens = tokens;
    }

    JsonNode parse() throws QmpException {
        return value();
    }

    private JsonNode value() throws QmpException {
        JsonToken token = tokens.peek();
        if (token == null) {
            throw fault("premature EOI");
        }
        return switch (token.type()) {
            case LEFT_CURLY -> object();
            case LEFT_SQUARE -> array();
            case STRING -> NODES.stringNode(JsonStrings.decode(tokens.remove().bytes()));
            case INTEGER -> integer(tokens.remove().text());
            case FLOAT -> NODES.numberNode(Double.parseDouble(tokens.remove().text()));
            case KEYWORD -> keyword(tokens.remove().text());
            default -> throw fault("expecting value");
        };
    }

    private ObjectNode object() throws QmpException {
        tokens.remove();
        ObjectNode object = NODES.objectNode();
        if (isNext(JsonToken.Type.RIGHT_CURLY)) {
            tokens.remove();
            return object;
        }
        member(object);
        for (JsonToken token = next(); token.type() != JsonToken.Type.RIGHT_CURLY; token = next()) {
            if (token.type() != JsonToken.Type.COMMA) {
                throw fault("expected separator in dict");
            }
            member(object);
        }
        return object;
    }

    private void member(ObjectNode object) throws QmpException {
        JsonNode key = value();
        if (!key.isString()) {
            throw fault("key is not a string in object");
        }
        if (next().type() != JsonToken.Type.COLON) {
            throw fault("missing : in object pair");
        }
        JsonNode value = value();
        if (object.has(key.stringValue())) {
            throw fault("duplicate key");
        }
        object.set(key.stringValue(), value);
    }

    private ArrayNode array() throws QmpException {
        tokens.remove();
        ArrayNode array = NODES.arrayNode();
        if (isNext(JsonToken.Type.RIGHT_SQUARE)) {
            tokens.remove();
            return array;
        }
        array.add(value());
        for (JsonToken token = next(); token.type() != JsonToken.Type.RIGHT_SQUARE; token = next()) {
            if (token.type() != JsonToken.Type.COMMA) {
                throw fault("expected separator in list");
            }
            array.add(value());
        }
        return array;
    }

    /** A signed or unsigned number of 64 bits, and one with a fraction where it does not fit. */
    private static JsonNode integer(String text) {
        if (text.length() <= MAX_INTEGER_CHARACTERS) {
            BigInteger value = new BigInteger(text);
            if (value.bitLength() < Long.SIZE) {
                return NODES.numberNode(value.longValue());
            }
            if (value.compareTo(INT64_MIN) >= 0 && value.compareTo(UINT64_MAX) <= 0) {
                return NODES.numberNode(value);
            }
        }
        return NODES.numberNode(Double.parseDouble(text));
    }

    private static JsonNode keyword(String word) throws QmpException {
        return switch (word) {
            case "true" -> NODES.booleanNode(true);
            case "false" -> NODES.booleanNode(false);
            case "null" -> NODES.nullNode();
            default -> throw fault("invalid keyword '" + word + "'");
        };
    }

    private boolean isNext(JsonToken.Type type) {
        return !tokens.isEmpty() && tokens.peek().type() == type;
    }

    private JsonToken next() throws QmpException {
        JsonToken token = tokens.poll();
        if (token == null) {
            throw fault("premature EOI");
        }
        return token;
    }

    static QmpException fault(String reason) {
        return new QmpException("JSON parse error, " + reason);
    }
}
