package io.pageferry.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * A line of the log for programs: one JSON object, in which each value that the line tells has a field of its own. For
 * any thread.
 *
 * <p>Lines are written as {@code what happened: id={} peer={}}: the names of fields come from there, never from a
 * value, which may be a peer's word.
 */
final class JsonLogLine extends LayoutBase<ILoggingEvent> {
    private static final Pattern PLACEHOLDER = Pattern.compile("(?:([A-Za-z][\\w-]*)=\"?)?\\{}");

    @Override
    public String doLayout(ILoggingEvent event) {
        ObjectNode line = Json.object();
        line.put("timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        line.put("level", event.getLevel().toString());
        line.put("logger", event.getLoggerName());
        line.put("thread", event.getThreadName());
        line.put("message", event.getFormattedMessage());
        addFields(line.putObject("fields"), event.getMessage(), event.getArgumentArray());
        if (event.getThrowableProxy() != null) {
            line.put("stackTrace", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line + System.lineSeparator();
    }

    private static void addFields(ObjectNode fields, String template, Object[] values) {
        if (template == null || values == null) {
            return;
        }
        Matcher placeholder = PLACEHOLDER.matcher(template);
        for (int i = 0; i < values.length && placeholder.find(); i++) {
            if (placeholder.group(1) != null) {
                put(fields, placeholder.group(1), values[i]);
            }
        }
    }

    private static void put(ObjectNode fields, String name, Object value) {
        switch (value) {
            case null -> fields.putNull(name);
            case Integer number -> fields.put(name, number);
            case Long number -> fields.put(name, number);
            case Boolean flag -> fields.put(name, flag);
            default -> fields.put(name, value.toString());
        }
    }
}
