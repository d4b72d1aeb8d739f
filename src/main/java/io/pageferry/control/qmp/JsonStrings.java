package io.pageferry.control.qmp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Reads what stands between the quotes of a string. */
final class JsonStrings {
    private static final int HEX_DIGITS = 4;
    private static final int INVALID = -1;

    private final String text;
    private final StringBuilder decoded = new StringBuilder();
    private int position = 1; // after the quote

    private JsonStrings(String text) {
        this.text = text;
    }

    /**
     * Decodes a string.
     *
     * @param bytes with its quotes
     */
    static String decode(byte[] bytes) throws QmpException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw JsonTokenParser.fault("invalid UTF-8 sequence in string");
        }
        return new JsonStrings(text).decode();
    }

    private String decode() throws QmpException {
        int end = text.length() - 1;
        while (position < end) {
            char next = text.charAt(position++);
            if (next == '\\') {
                escape(position - 1, text.charAt(position++));
            } else {
                decoded.append(next);
            }
        }
        return decoded.toString();
    }

    private void escape(int start, char character) throws QmpException {
        switch (character) {
            case '"', '\'', '\\', '/' -> decoded.append(character);
            case 'b' -> decoded.append('\b');
            case 'f' -> decoded.append('\f');
            case 'n' -> decoded.append('\n');
            case 'r' -> decoded.append('\r');
            case 't' -> decoded.append('\t');
            case 'u' -> unicode(start);
            default -> throw JsonTokenParser.fault("invalid escape sequence in string");
        }
    }

    private void unicode(int start) throws QmpException {
        int point = hex(position);
        position = Math.min(position + HEX_DIGITS, text.length() - 1);
        if (point != INVALID && Character.isHighSurrogate((char) point) && text.startsWith("\\u", position)) {
            int low = hex(position + 2);
            if (low != INVALID && Character.isLowSurrogate((char) low)) {
                point = Character.toCodePoint((char) point, (char) low);
                position += 2 + HEX_DIGITS;
            }
        }
        if (!isCharacter(point)) {
            throw JsonTokenParser.fault(text.substring(start, position) + " is not a valid Unicode character");
        }
        decoded.appendCodePoint(point);
    }

    /** Neither half a character nor one of those that Unicode has set aside as none. */
    private static boolean isCharacter(int point) {
        return point != INVALID
                && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                && (point < 0xfdd0 || point > 0xfdef)
                && (point & 0xfffe) != 0xfffe;
    }

    private int hex(int from) {
        int value = 0;
        for (int i = from; i < from + HEX_DIGITS; i++) {
            int digit = i < text.length() && text.charAt(i) < 0x80 ? Character.digit(text.charAt(i), 16) : INVALID;
            if (digit == INVALID) {
                return INVALID;
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
