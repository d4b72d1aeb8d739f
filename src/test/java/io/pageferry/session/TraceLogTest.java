package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The log at trace level says in QEMU's words what Flight Recorder has as events, and says nothing otherwise. */
@LeakFree
@Timeout(60)
class TraceLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.pageferry.trace");
    private final Lines lines = new Lines();

    @TempDir
    Path folder;

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void shouldSayALineForEachEventWhenLevelIsTrace() throws Exception {
        logger.setLevel(Level.TRACE);
        WatchedMigration migration = WatchedMigration.run(folder);
        long events = migration.events().stream()
                .filter(event -> event.getEventType().getName().startsWith("io.pageferry."))
                .count();
        assertEquals(events, lines.said.size());
        long packets = migration.sent().progress().stats().packets();
        assertEquals(packets, saidOf(migration, "multifd_send_fill channel ").size());
        requireSaid(
                migration,
                "multifd_send_thread_end channel 0 packets "
                        + migration.sent().progress().stats().channel(0).packets.get());
        requireSaid(migration, "migrate_set_state device -> completed");
    }

    @Test
    void shouldSayNothingWhenLevelIsInfo() throws Exception {
        logger.setLevel(Level.INFO);
        assertTrue(WatchedMigration.run(folder).sent().completed());
        assertEquals(List.of(), List.copyOf(lines.said));
    }

    private void requireSaid(WatchedMigration migration, String line) {
        assertEquals(1, saidOf(migration, line).size(), () -> line + " in " + lines.said);
    }

    private List<String> saidOf(WatchedMigration migration, String beginning) {
        String sent = "migration " + migration.sent().progress().stats().trace().migration() + " ";
        return lines.said.stream()
                .filter(line -> line.startsWith(sent + beginning))
                .toList();
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final Queue<String> said = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            said.add(event.getFormattedMessage());
        }
    }
}
