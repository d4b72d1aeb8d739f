package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogLineTest {
    private final LogLine layout = new LogLine();

    @Test
    void shouldSayTimeLevelAndMessageInALine() {
        String line = layout.doLayout(event(Level.INFO, null));
        String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d)";
        assertTrue(line.matches(time + " INFO  guest came: id=1\\R"), line);
    }

    @Test
    void shouldAlignMessagesWhateverTheLevel() {
        assertEquals(
                layout.doLayout(event(Level.WARN, null)).indexOf("guest"),
                layout.doLayout(event(Level.ERROR, null)).indexOf("guest"));
    }

    @Test
    void shouldPutTheStackTraceBelowWhenThereIsAnException() {
        List<String> lines = layout.doLayout(event(Level.WARN, new IOException("disk is full")))
                .lines()
                .toList();
        assertTrue(lines.get(0).endsWith(" WARN  guest came: id=1"), lines::toString);
        assertEquals("java.io.IOException: disk is full", lines.get(1));
        assertTrue(lines.get(2).startsWith("\tat " + LogLineTest.class.getName()), lines::toString);
    }

    private static LoggingEvent event(Level level, Throwable thrown) {
        LoggerContext context = new LoggerContext();
        return new LoggingEvent("", context.getLogger("a"), level, "guest came: id={}", thrown, new Object[] {1});
    }
}
