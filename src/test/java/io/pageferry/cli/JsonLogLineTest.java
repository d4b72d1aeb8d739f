package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class JsonLogLineTest {
    private final JsonLogLine layout = new JsonLogLine();

    @Test
    void shouldHaveAFieldForEachValue() {
        JsonNode line = write("guest came: id={} direction={} reason=\"{}\" {}", 3, "incoming", "a b", "more");
        assertEquals(
                "guest came: id=3 direction=incoming reason=\"a b\" more",
                line.path("message").asString());
        assertEquals(
                "{\"id\":3,\"direction\":\"incoming\",\"reason\":\"a b\"}",
                line.path("fields").toString());
    }

    @Test
    void shouldTakeNoFieldFromAPeersWord() {
        JsonNode line = write("guest came: peer={} id={}", "evil id=7\n{\"level\": \"ERROR\"}", 3);
        assertEquals(3, line.path("fields").path("id").asInt());
        assertEquals(2, line.path("fields").size());
    }

    @Test
    void shouldBeOneLineWhateverItTells() {
        String text = layout.doLayout(event("failed: reason={}", new IllegalStateException("a\nb"), "x\ny"));
        assertEquals(1, text.lines().count());
        JsonNode line = JsonMapper.shared().readTree(text);
        assertTrue(line.path("stackTrace").asString().startsWith("java.lang.IllegalStateException"), text);
        assertEquals("x\ny", line.path("fields").path("reason").asString());
    }

    private JsonNode write(String template, Object... values) {
        return JsonMapper.shared().readTree(layout.doLayout(event(template, null, values)));
    }

    private static LoggingEvent event(String template, Throwable fault, Object... values) {
        Logger logger = (Logger) LoggerFactory.getLogger("test");
        return new LoggingEvent("test", logger, Level.INFO, template, fault, values);
    }
}
