package io.pageferry.control.qmp;

import java.util.ArrayDeque;
import java.util.Deque;
import tools.jackson.databind.JsonNode;

/**
 * Puts a client's bytes together to whole values, wherever they begin and end: QMP has them one after another, not one
 * a line. One thread's.
 *
 * <p>What a value may be at the most is checked as it comes, so that a client costs no more than that, whatever it
 * sends. Then, as after anything else that is wrong, the client is told and the next token begins a new value.
 */
final class MessageReader {
    /** As in QEMU. */
    static final int MAX_NESTING = 1024;

    /** All tokens' bytes at the most; QEMU has 64 MiB. */
    static final int MAX_BYTES = 1 << 20;

    /** How many tokens at the most: each takes some 60 bytes here. QEMU has 2 Mi. */
    static final int MAX_TOKENS = 1 << 14;

    /** Who gets the values. */
    interface Handler {
        void value(JsonNode value);

        /** What came was no value. */
        void fault(QmpException fault);
    }

    private final Handler handler;
    private final JsonLexer lexer = new JsonLexer(this::token);
    private Deque<JsonToken> tokens = new ArrayDeque<>();
    private int bytes;
    private int curly;
    private int square;

    MessageReader(Handler handler) {
        this.handler = handler;
    }

    /** Takes the next byte, 0 to 255. */
    void feed(int octet) {
        lexer.feed(octet);
    }

    private void token(JsonToken token) {
        switch (token.type()) {
            case LEFT_CURLY -> curly++;
            case RIGHT_CURLY -> curly--;
            case LEFT_SQUARE -> square++;
            case RIGHT_SQUARE -> square--;
            case STRAY -> {
                fault("JSON parse error, stray '" + token.text() + "'");
                return;
            }
            default -> {}
        }
        if (bytes + token.bytes().length > MAX_BYTES) {
            fault("JSON token size limit exceeded");
        } else if (tokens.size() >= MAX_TOKENS) {
            fault("JSON token count limit exceeded");
        } else if (curly + square > MAX_NESTING) {
            fault("JSON nesting depth limit exceeded");
        } else {
            tokens.add(token);
            bytes += token.bytes().length;
            boolean open = (curly > 0 || square > 0) && curly >= 0 && square >= 0;
            if (!open) {
                end();
            }
        }
    }

    private void end() {
        Deque<JsonToken> whole = reset();
        JsonNode value;
        try {
            value = new JsonTokenParser(whole).parse();
        } catch (QmpException e) {
            handler.fault(e);
            return;
        }
        handler.value(value);
    }

    private void fault(String description) {
        reset();
        handler.fault(new QmpException(description));
    }

    private Deque<JsonToken> reset() {
        Deque<JsonToken> whole = tokens;
        tokens = new ArrayDeque<>();
        bytes = 0;
        curly = 0;
        square = 0;
        return whole;
    }
}
