package io.pageferry.control.qmp;

import java.nio.charset.StandardCharsets;

/** A token of JSON, as its bytes were. */
record JsonToken(Type type, byte[] bytes) {
    /** What it is; {@link #STRAY} is none at all. */
    enum Type {
        LEFT_CURLY,
        RIGHT_CURLY,
        LEFT_SQUARE,
        RIGHT_SQUARE,
        COLON,
        COMMA,
        INTEGER,
        FLOAT,
        KEYWORD,
        STRING,
        STRAY
    }

    /** With a replacement character for what is not UTF-8. */
    String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
