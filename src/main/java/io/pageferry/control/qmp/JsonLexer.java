package io.pageferry.control.qmp;

import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/**
 * Cuts bytes into tokens of JSON, as QEMU's monitor does. One thread's.
 *
 * <p>Jackson ends at the first byte that it does not understand. A monitor has to go on, at the same place as QEMU, or
 * it would take the rest of a broken command for one that was not meant. So after a byte that fits nothing all is
 * skipped up to a structural character, a line's end or another control character, or one of the bytes FE and FF, which
 * clients send to be sure of that.
 *
 * <p>Beyond RFC 8259, and as in QEMU: strings may stand between apostrophes, and any lower case word is a keyword until
 * the parser says otherwise.
 */
final class JsonLexer {
    /** A token's bytes at the most. QEMU has 64 MiB; the commands of a migration have some hundred bytes. */
    static final int MAX_TOKEN_BYTES = 1 << 20;

    private enum State {
        START,
        RECOVERY,
        STRING,
        STRING_ESCAPE,
        SIGN,
        ZERO,
        DIGITS,
        MANTISSA,
        MANTISSA_DIGITS,
        EXPONENT,
        EXPONENT_SIGN,
        EXPONENT_DIGITS,
        KEYWORD
    }

    private final Consumer<JsonToken> tokens;
    private final ByteArrayOutputStream token = new ByteArrayOutputStream();
    private State state = State.START;
    private int quote;

    JsonLexer(Consumer<JsonToken> tokens) {
        this.tokens = tokens;
    }

    /** Takes the next byte, 0 to 255. */
    void feed(int octet) {
        while (!consume(octet)) {
            // The byte ended what was before it, and begins something itself.
        }
        if (token.size() > MAX_TOKEN_BYTES) {
            emit(JsonToken.Type.STRING, State.START);
        }
    }

    private boolean consume(int octet) {
        return switch (state) {
            case START -> begin(octet);
            case RECOVERY -> recover(octet);
            case STRING -> string(octet);
            case STRING_ESCAPE -> inString(octet, State.STRING);
            case SIGN ->
                octet == '0' ? grow(octet, State.ZERO) : isDigit(octet) ? grow(octet, State.DIGITS) : stray(octet);
            case ZERO ->
                isDigit(octet)
                        ? stray(octet)
                        : octet == '.' ? grow(octet, State.MANTISSA) : end(JsonToken.Type.INTEGER);
            case DIGITS -> digits(octet);
            case MANTISSA -> isDigit(octet) ? grow(octet, State.MANTISSA_DIGITS) : stray(octet);
            case MANTISSA_DIGITS ->
                isDigit(octet)
                        ? grow(octet, state)
                        : isExponent(octet) ? grow(octet, State.EXPONENT) : end(JsonToken.Type.FLOAT);
            case EXPONENT ->
                octet == '-' || octet == '+'
                        ? grow(octet, State.EXPONENT_SIGN)
                        : isDigit(octet) ? grow(octet, State.EXPONENT_DIGITS) : stray(octet);
            case EXPONENT_SIGN -> isDigit(octet) ? grow(octet, State.EXPONENT_DIGITS) : stray(octet);
            case EXPONENT_DIGITS -> isDigit(octet) ? grow(octet, state) : end(JsonToken.Type.FLOAT);
            case KEYWORD -> isLower(octet) ? grow(octet, state) : end(JsonToken.Type.KEYWORD);
        };
    }

    private boolean begin(int octet) {
        return switch (octet) {
            case ' ', '\t', '\r', '\n' -> true;
            case '{' -> whole(octet, JsonToken.Type.LEFT_CURLY);
            case '}' -> whole(octet, JsonToken.Type.RIGHT_CURLY);
            case '[' -> whole(octet, JsonToken.Type.LEFT_SQUARE);
            case ']' -> whole(octet, JsonToken.Type.RIGHT_SQUARE);
            case ':' -> whole(octet, JsonToken.Type.COLON);
            case ',' -> whole(octet, JsonToken.Type.COMMA);
            case '"', '\'' -> {
                quote = octet;
                yield grow(octet, State.STRING);
            }
            case '-' -> grow(octet, State.SIGN);
            case '0' -> grow(octet, State.ZERO);
            default ->
                isDigit(octet) ? grow(octet, State.DIGITS) : isLower(octet) ? grow(octet, State.KEYWORD) : stray(octet);
        };
    }

    private boolean recover(int octet) {
        if (octet < 0x20 && octet != '\t' || octet >= 0xfe || "[]{}:,".indexOf(octet) >= 0) {
            state = State.START;
            return false;
        }
        return true;
    }

    private boolean string(int octet) {
        if (octet == quote) {
            return whole(octet, JsonToken.Type.STRING);
        }
        return inString(octet, octet == '\\' ? State.STRING_ESCAPE : State.STRING);
    }

    private boolean inString(int octet, State next) {
        return octet < 0x20 || octet >= 0xfe ? stray(octet) : grow(octet, next);
    }

    private boolean digits(int octet) {
        if (isDigit(octet)) {
            return grow(octet, state);
        }
        if (octet == '.') {
            return grow(octet, State.MANTISSA);
        }
        return isExponent(octet) ? grow(octet, State.EXPONENT) : end(JsonToken.Type.INTEGER);
    }

    private boolean grow(int octet, State next) {
        token.write(octet);
        state = next;
        return true;
    }

    private boolean whole(int octet, JsonToken.Type type) {
        token.write(octet);
        emit(type, State.START);
        return true;
    }

    private boolean stray(int octet) {
        token.write(octet);
        emit(JsonToken.Type.STRAY, State.RECOVERY);
        return true;
    }

    /** The token was whole before this byte. */
    private boolean end(JsonToken.Type type) {
        emit(type, State.START);
        return false;
    }

    private void emit(JsonToken.Type type, State next) {
        JsonToken whole = new JsonToken(type, token.toByteArray());
        token.reset();
        state = next;
        tokens.accept(whole);
    }

    private static boolean isDigit(int octet) {
        return octet >= '0' && octet <= '9';
    }

    private static boolean isLower(int octet) {
        return octet >= 'a' && octet <= 'z';
    }

    private static boolean isExponent(int octet) {
        return octet == 'e' || octet == 'E';
    }
}
