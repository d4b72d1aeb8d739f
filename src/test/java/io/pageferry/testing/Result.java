package io.pageferry.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How a pageferry process ended, and what it said, held against the contract. */
public record Result(int code, String stdout, String stderr) {
    private static final String SEE_HELP = " (see --help)";
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** It completed, and had nothing to complain about. Returns itself. */
    public Result completed() {
        assertEquals(0, code, toString());
        assertEquals(List.of(), complaints(), toString());
        return this;
    }

    /** It ended with this code, said one line why, and printed no result for people. Returns that line. */
    public String failed(int expectedCode) {
        assertEquals(expectedCode, code, toString());
        assertEquals("", stdout, toString());
        return complaint();
    }

    /** The same for one with {@code --json}: the object says what the line does. Returns the object. */
    public JsonNode failedWithJson(int expectedCode) {
        assertEquals(expectedCode, code, toString());
        JsonNode json = json();
        assertEquals("failed", json.get("status").asString(), toString());
        String reason = json.get("error-desc").asString();
        assertFalse(reason.isEmpty(), toString());
        assertTrue(complaint().replace(SEE_HELP, "").endsWith(": " + reason), toString());
        return json;
    }

    /** A signal ended it, and it said so. */
    public void cancelled(int expectedCode, String command) {
        assertEquals(expectedCode, code, toString());
        assertEquals("", stdout, toString());
        assertEquals("pageferry: " + command + ": cancelled", complaint());
    }

    /** The same where it may have been too late to know who has the guest, which the line says then. */
    public void cancelledSoonerOrLater(int expectedCode, String command) {
        assertEquals(expectedCode, code, toString());
        assertEquals("", stdout, toString());
        String line = complaint();
        String cancelled = "pageferry: " + command + ": cancelled";
        assertTrue(
                line.equals(cancelled)
                        || line.startsWith(cancelled + ": ") && line.contains(" handed-over=\"cannot be known: "),
                line);
    }

    /** The one object that stdout has, and nothing besides. */
    public JsonNode json() {
        assertEquals(1, stdout.lines().count(), toString());
        JsonNode json = STRICT.readTree(stdout);
        assertTrue(json.isObject(), toString());
        return json;
    }

    /** The one line that says what went wrong. */
    public String complaint() {
        List<String> lines = complaints();
        assertEquals(1, lines.size(), toString());
        assertTrue(lines.getFirst().startsWith("pageferry: "), toString());
        return lines.getFirst();
    }

    /** All of stderr but where it listens and how it goes. */
    private List<String> complaints() {
        return stderr.lines()
                .filter(line -> !line.startsWith("listening on ") && !line.contains(" INFO "))
                .toList();
    }
}
