package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.send.SocketSender;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.Dialect;
import io.pageferry.testing.ForwardingGuest;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A guest of which nobody knows what its destination expects is sent in the way that suits all, and that is said. */
@LeakFree
@Timeout(60)
class UnknownMachineTypeTest {
    private static final String UNKNOWN = "pc-q35-rhel10.2.0";

    private final Logger logger = (Logger) LoggerFactory.getLogger(SocketSender.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    Path folder;

    /** A guest under another machine type's name. */
    private record Named(OutgoingGuest guest, String machine) implements ForwardingGuest {
        @Override
        public Configuration configuration() {
            return Configuration.of(machine);
        }
    }

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    @Test
    void shouldHaveItsPagesOnTheMainChannelAndSaySo() throws Exception {
        MigrationStats sent = send(UNKNOWN, MigrationParameters.defaults());
        assertTrue(sent.mainNormal.sum() > 0);
        assertEquals(sent.mainNormal.sum(), sent.normalPages());
        assertEquals(1, log.list.size());
        assertEquals(Level.WARN, log.list.getFirst().getLevel());
        String line = log.list.getFirst().getFormattedMessage();
        assertTrue(line.contains("multifd-flush-after-each-section") && line.endsWith("machine=" + UNKNOWN), line);
        try (Image image = Image.open(folder.resolve("image"), 0, Long.MAX_VALUE, false)) {
            // Who is told nothing of it syncs for both: nothing is learnt from that.
            assertEquals(Dialect.UNKNOWN, image.facts().dialect());
        }
    }

    @Test
    void shouldHaveItsPagesOnTheChannelsWhenTheUserSaysWhatIsExpected() throws Exception {
        for (boolean flush : List.of(false, true)) {
            MigrationParameters parameters =
                    MigrationParameters.builder().flushAfterEachSection(flush).build();
            assertEquals(0, send(UNKNOWN, parameters).mainNormal.sum());
        }
        assertEquals(List.of(), log.list);
    }

    @Test
    void shouldSayNothingWhenItIsKnown() throws Exception {
        assertEquals(
                0,
                send("pc-q35-rhel9.6.0", MigrationParameters.defaults())
                        .mainNormal
                        .sum());
        assertEquals(List.of(), log.list);
    }

    private MigrationStats send(String machine, MigrationParameters parameters) throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(32L << 20, 0, 0.3, 0.5, 1));
                CheckpointDestination destination =
                        CheckpointDestination.of(PendingImage.at(folder.resolve("image"), false), parameters)) {
            LoopbackMigration migration = LoopbackMigration.start(
                    new Named(new SyntheticOutgoingGuest(guest), machine), destination, parameters);
            MigrationOutcome received = migration.received();
            assertTrue(received.completed(), () -> received.failure().toString());
            return migration.sent().progress().stats();
        }
    }
}
