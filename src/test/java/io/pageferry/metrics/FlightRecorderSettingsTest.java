package io.pageferry.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code pageferry.jfc} and the events themselves agree on what there is, and on what is on by itself. */
@Timeout(60)
class FlightRecorderSettingsTest {
    private static final Set<String> PACKETS = Set.of("io.pageferry.SendFill", "io.pageferry.RecvUnfill");

    @BeforeAll
    static void register() {
        EventRegistration.register();
    }

    @Test
    void shouldTurnOnEveryEventWhenTheSettingsFileIsUsed() throws Exception {
        Map<String, String> ours = new TreeMap<>();
        settings().forEach((key, value) -> {
            if (key.startsWith("io.pageferry.")) {
                ours.put(key, value);
            }
        });
        Map<String, String> expected = new TreeMap<>();
        eventTypes().forEach(type -> expected.put(type.getName() + "#enabled", "true"));
        assertFalse(expected.isEmpty());
        assertEquals(expected, ours);
    }

    @Test
    void shouldRecordAllButPacketsWhenNobodySaysAnything() {
        Set<String> off = eventTypes().stream()
                .filter(type -> !defaultOf(type, "enabled"))
                .map(EventType::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(PACKETS), off);
    }

    @Test
    void shouldTakeNoStackTraces() {
        eventTypes().forEach(type -> assertFalse(defaultOf(type, "stackTrace"), type.getName()));
    }

    @Test
    void shouldStandTogetherWhereEventsAreListed() {
        eventTypes()
                .forEach(type ->
                        assertEquals("Pageferry", type.getCategoryNames().getFirst(), type.getName()));
    }

    private static Map<String, String> settings() throws Exception {
        try (var file =
                new InputStreamReader(TracePoint.class.getResourceAsStream("/pageferry.jfc"), StandardCharsets.UTF_8)) {
            return Configuration.create(file).getSettings();
        }
    }

    private static boolean defaultOf(EventType type, String setting) {
        return type.getSettingDescriptors().stream()
                .filter(descriptor -> descriptor.getName().equals(setting))
                .anyMatch(descriptor -> descriptor.getDefaultValue().equals("true"));
    }

    private static List<EventType> eventTypes() {
        return Stream.of(SendPoints.class, ReceivePoints.class, MigrationPoints.class)
                .flatMap(room -> Stream.of(room.getDeclaredClasses()))
                .map(type -> EventType.getEventType(type.asSubclass(Event.class)))
                .toList();
    }
}
