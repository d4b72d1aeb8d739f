package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class JsonTreeTest {
    @Test
    void shouldHaveWhatIsInIt() {
        JsonTree root =
                parse("{\"a\":[1,{\"b\":\"word\",\"c\":-9000000000}],\"d\":2}").orElseThrow();
        assertTrue(root.member("a").isArray());
        assertEquals(2, root.member("a").elements().size());
        assertEquals(1, root.member("a").elements().get(0).asLong(0));
        assertEquals("word", root.member("a").elements().get(1).member("b").asString());
        assertEquals(
                -9_000_000_000L, root.member("a").elements().get(1).member("c").asLong(0));
        assertEquals(2, root.member("d").asLong(0));
    }

    @Test
    void shouldHaveTheLastMemberWhenANameComesTwice() {
        assertEquals(2, parse("{\"a\":1,\"a\":2}").orElseThrow().member("a").asLong(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "null", "true", "\"a\"", "{\"a\":null}", "{\"a\":true}", "{\"a\":1.5}"})
    void shouldReadAsNothingWhenItIsNotThereOrOfAnotherKind(String json) {
        JsonTree member = parse(json).orElseThrow().member("a");
        assertFalse(member.isArray());
        assertTrue(member.elements().isEmpty());
        assertEquals("", member.asString());
        assertEquals(7, member.asLong(7));
        assertEquals(7, member.member("b").asLong(7));
    }

    @Test
    void shouldReadAsNothingWhenANumberIsTooLong() {
        assertEquals(7, parse("9223372036854775808").orElseThrow().asLong(7));
        assertEquals(Long.MAX_VALUE, parse("9223372036854775807").orElseThrow().asLong(7));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "{", "[1", "{\"a\"", "{\"a\":", "{\"a\":1", "]", "{} {}", "{}x", "nul", "\"a", "\u0000"
            })
    void shouldBeNoneWhenItIsNotOneWholeValue(String json) {
        assertTrue(parse(json).isEmpty());
    }

    @Test
    void shouldBeNoneWhenItIsNestedWithoutEnd() {
        assertTrue(parse("[".repeat(100_000) + "]".repeat(100_000)).isEmpty());
    }

    @Test
    void shouldLookAtNoOtherBytes() {
        byte[] bytes = "xx{\"a\":1}yy".getBytes(StandardCharsets.US_ASCII);
        assertEquals(1, JsonTree.parse(bytes, 2, 7).orElseThrow().member("a").asLong(0));
    }

    private static Optional<JsonTree> parse(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return JsonTree.parse(bytes, 0, bytes.length);
    }
}
