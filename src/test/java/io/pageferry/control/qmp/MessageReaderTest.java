package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * What a client's bytes are taken for. What QEMU says of the broken ones is compared with a real one's in
 * {@code QmpConversationIT}.
 */
@Timeout(60)
class MessageReaderTest {
    private static final String AFTERWARDS = "{\"execute\": \"quit\"}";
    private static final String AFTERWARDS_VALUE = "{\"execute\":\"quit\"}";

    private final List<String> seen = new ArrayList<>();
    private final MessageReader reader = new MessageReader(new MessageReader.Handler() {
        @Override
        public void value(JsonNode value) {
            seen.add(value.toString());
        }

        @Override
        public void fault(QmpException fault) {
            seen.add(fault.getMessage());
        }
    });

    private List<String> read(String text) {
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            reader.feed(Byte.toUnsignedInt(octet));
        }
        return seen;
    }

    @Test
    void shouldReadObjectsWhereverTheyBeginAndEnd() {
        assertEquals(List.of("{}", "{\"a\":[1,2]}", "{\"b\":null}"), read("{}{\"a\"\n:\n[1,\r\n2]} {\"b\":null}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775807", "-9223372036854775808", "18446744073709551615", "0", "-1"})
    void shouldReadIntegersOf64BitsAsTheyAre(String number) {
        assertEquals(List.of("[" + number + "]"), read("[" + number + "]"));
    }

    @Test
    void shouldReadAnIntegerOfMoreBitsAsAFraction() {
        assertEquals(
                List.of("[1.8446744073709552E19,-9.223372036854776E18]"),
                read("[18446744073709551616,-9223372036854775809]"));
    }

    @Test
    void shouldReadAHugeIntegerWithoutEffort() {
        assertEquals(List.of("[1.0E300]"), read("[1" + "0".repeat(300) + "]"));
    }

    @Test
    void shouldReadEscapesAndBothQuotes() {
        assertEquals(
                List.of("[\"a'\\u00e9\uD83D\uDE00\\\"/\"]".replace("\\u00e9", "é")),
                read("['a\\'\\u00E9\\uD83D\\uDE00\"\\/']"));
    }

    @Test
    void shouldRefuseATokenThatIsTooLong() {
        read("\"" + "x".repeat(JsonLexer.MAX_TOKEN_BYTES + 1));
        assertEquals("JSON token size limit exceeded", seen.getFirst());
    }

    @Test
    void shouldRefuseAValueOfTooManyBytes() {
        String text = "\"" + "x".repeat(MessageReader.MAX_BYTES / 2) + "\"";
        read("[" + text + "," + text);
        assertEquals(List.of("JSON token size limit exceeded"), seen);
    }

    @Test
    void shouldRefuseAValueOfTooManyTokens() {
        read("[" + "1,".repeat(MessageReader.MAX_TOKENS / 2));
        assertEquals("JSON token count limit exceeded", seen.getFirst());
    }

    @Test
    void shouldRefuseAValueThatIsTooDeep() {
        read("[".repeat(MessageReader.MAX_NESTING + 1));
        assertEquals(List.of("JSON nesting depth limit exceeded"), seen);
    }

    @Test
    void shouldReadAndWriteAValueThatIsAsDeepAsItMayBe() {
        MessageReader deep = new MessageReader(new MessageReader.Handler() {
            @Override
            public void value(JsonNode value) {
                seen.add(new String(QmpJson.line(value), StandardCharsets.US_ASCII).strip());
            }

            @Override
            public void fault(QmpException fault) {
                seen.add(fault.getMessage());
            }
        });
        String text = "[".repeat(MessageReader.MAX_NESTING) + "]".repeat(MessageReader.MAX_NESTING);
        text.chars().forEach(deep::feed);
        assertEquals(List.of(text), seen);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"a\" @", "'{\"a\": \"b", "tru", "{\"a\": 01", "{\"a\": -", "\"\\", "[[[["},
            quoteCharacter = '`')
    void shouldReadOnAfterTheByteThatClientsResetAMonitorWith(String broken) {
        read(broken);
        reader.feed(0xff);
        List<String> after = read(AFTERWARDS);
        assertEquals(AFTERWARDS_VALUE, after.getLast());
    }

    /** Nothing that comes makes it fail, or deaf to what comes after. */
    @Test
    void shouldReadOnWhateverComes() {
        Random random = new Random(1);
        byte[] alphabet = "{}[]:,\"'\\-+.0129eEtrufalsn \n\t".getBytes(StandardCharsets.US_ASCII);
        for (int round = 0; round < 20_000; round++) {
            for (int i = random.nextInt(40); i > 0; i--) {
                boolean any = random.nextInt(8) == 0;
                reader.feed(any ? random.nextInt(256) : alphabet[random.nextInt(alphabet.length)]);
            }
            reader.feed(0xff);
            read(AFTERWARDS);
            assertEquals(AFTERWARDS_VALUE, seen.getLast(), "round=" + round);
            seen.clear();
        }
    }
}
