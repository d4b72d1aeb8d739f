package io.pageferry.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.stream.Dialect;
import io.pageferry.stream.WireProperty;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a source spoke, in a sidecar, which anybody may have written. */
@Timeout(30)
class CheckpointFactsTest {
    private static final Dialect DIALECT = Dialect.UNKNOWN
            .with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, false)
            .with(WireProperty.SEND_SWITCHOVER_START, true);

    @Test
    void shouldHaveTheDialectAgainThatWasWritten() throws Exception {
        byte[] json = CheckpointFacts.NONE.withDialect(DIALECT).toJson();
        assertEquals(DIALECT, CheckpointFacts.parse(json).dialect());
        String text = new String(json, StandardCharsets.UTF_8);
        assertTrue(text.contains("\"send-switchover-start\" : true"), text);
    }

    @Test
    void shouldHaveNoDialectWhereNothingIsKnown() throws Exception {
        CheckpointFacts facts = CheckpointFacts.NONE.withDialect(DIALECT).withDialect(Dialect.UNKNOWN);
        assertEquals(CheckpointFacts.NONE, facts);
        assertEquals(Dialect.UNKNOWN, facts.dialect());
    }

    @Test
    void shouldKeepPropertiesThatThisVersionDoesNotKnow() throws Exception {
        CheckpointFacts facts = parse("{\"x-new\": [1], \"send-switchover-start\": true}");
        assertEquals(Dialect.UNKNOWN.with(WireProperty.SEND_SWITCHOVER_START, true), facts.dialect());
        assertTrue(new String(facts.toJson(), StandardCharsets.UTF_8).contains("x-new"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "[]",
                "null",
                "\"multifd-flush-after-each-section\"",
                "{\"multifd-flush-after-each-section\": \"on\"}",
                "{\"send-switchover-start\": null}",
                "{\"switchover-ack-legacy\": 1}"
            })
    void shouldRefuseDialectThatIsNone(String dialect) {
        String line = refusal(dialect);
        assertTrue(line.startsWith("image's facts must have a valid dialect: value="), line);
    }

    @Test
    void shouldRefuseDialectOfMoreThanThereCanBe() {
        String line = refusal(IntStream.range(0, 31)
                .mapToObj(i -> "\"p" + i + "\": true")
                .collect(Collectors.joining(", ", "{", "}")));
        assertTrue(line.startsWith("image's facts must have a valid dialect: value={\"p0\":true,"), line);
    }

    private static String refusal(String dialect) {
        return assertThrows(CheckpointException.class, () -> parse(dialect)).getMessage();
    }

    private static CheckpointFacts parse(String dialect) throws CheckpointException {
        String json = "{\"version\": 1, \"dialect\": " + dialect + "}";
        return CheckpointFacts.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
