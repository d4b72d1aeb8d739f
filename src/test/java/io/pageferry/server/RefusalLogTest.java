package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.history.Refusal;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.RefusalCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RefusalLogTest {
    private long now;
    private final List<String> lines = new ArrayList<>();
    private final RefusalCounters counters = new RefusalCounters();
    private final RefusalHistory history = RefusalHistory.inMemory();
    private final RefusalLog log = new RefusalLog(() -> now, lines::add, history, counters);

    @Test
    void shouldSayWhatHappensNowAndThen() {
        for (int i = 0; i < 100; i++) {
            log.say(RefusalLog.Rule.GATHERING, from("/10.0.0.1"), "line " + i);
            now += TimeUnit.SECONDS.toNanos(1);
        }
        assertEquals(100, lines.size());
        assertEquals("line 99", lines.getLast());
    }

    @Test
    void shouldSayTenLinesAndCountTheRestWhenAHostComesAllTheTime() {
        for (int i = 0; i < 1_000; i++) {
            log.say(RefusalLog.Rule.GATHERING, from("/10.0.0.1"), "line");
        }
        assertEquals(10, lines.size());
        now += TimeUnit.SECONDS.toNanos(1);
        log.say(RefusalLog.Rule.GATHERING, from("/10.0.0.1"), "again");
        log.say(RefusalLog.Rule.GATHERING, from("/10.0.0.1"), "again");
        assertEquals(11, lines.size());
        assertEquals("again linesLeftOutBefore=990", lines.getLast());
    }

    @Test
    void shouldCountEverybodyByRuleWhetherThereIsALineOrNot() {
        for (int i = 0; i < 1_000; i++) {
            log.say(RefusalLog.Rule.MAX_CONNECTIONS, from("/10.0.0.1"), "line");
        }
        log.say(RefusalLog.Rule.STORE, from("/10.0.0.1"), "line");
        assertEquals(
                Map.of(
                        "introduction",
                        0L,
                        "gathering",
                        0L,
                        "max-connections",
                        1_000L,
                        "max-migrations",
                        0L,
                        "store",
                        1L),
                counters.counts());
    }

    @Test
    void shouldHaveLinesLeftForOtherHosts() {
        for (int i = 0; i < 1_000; i++) {
            log.say(RefusalLog.Rule.GATHERING, from("/10.0.0.1"), "line");
        }
        log.say(RefusalLog.Rule.GATHERING, from("/10.0.0.2"), "other");
        assertTrue(lines.getLast().startsWith("other"), lines::toString);
    }

    @Test
    void shouldSayAHundredLinesWhenVeryManyHostsCome() {
        for (int i = 0; i < 10_000; i++) {
            log.say(RefusalLog.Rule.GATHERING, from("/10.0." + i / 256 + "." + i % 256), "line");
        }
        assertEquals(100, lines.size());
        now += TimeUnit.SECONDS.toNanos(10);
        for (int i = 0; i < 10_000; i++) {
            log.say(RefusalLog.Rule.GATHERING, from("/10.0." + i / 256 + "." + i % 256), "line");
        }
        assertEquals(200, lines.size());
    }

    @Test
    void shouldRememberWhatItHasSaid() {
        log.say(RefusalLog.Rule.STORE, from("/10.0.0.1"), "no room");
        Refusal refusal = history.newest(10).getFirst();
        assertEquals("store", refusal.reason());
        assertEquals("/10.0.0.1", refusal.peer());
        assertEquals("no room", refusal.message());
    }

    private static RefusalLog.Refused from(String host) {
        return new RefusalLog.Refused(host, host, Optional.empty());
    }
}
