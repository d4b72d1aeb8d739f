package io.pageferry.session.registry;

import io.pageferry.config.ByteSize;
import io.pageferry.config.TimeSpan;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import java.io.IOException;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes into the log when migrations begin and how they end: a line each, of names and values. For any thread. */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private Journal() {}

    static void began(MigrationEntry entry) {
        LOG.info("migration began: {}", describe(entry));
    }

    static void ended(MigrationEntry entry, MigrationOutcome outcome) {
        MigrationProgress progress = outcome.progress();
        String line = describe(entry) + " status=" + outcome.status().qemuName() + " total-time=\""
                + TimeSpan.format(progress.totalNanos()) + "\" transferred=\""
                + ByteSize.format(progress.stats().transferredBytes()) + "\" ram=\""
                + ByteSize.format(progress.stats().totalRamBytes()) + "\"";
        switch (outcome.failure().orElse(null)) {
            case null -> LOG.info("migration ended: {}", line);
            case IOException e ->
                LOG.warn("migration ended: {} reason=\"{}\"", line, oneLine(String.valueOf(e.getMessage())));
            case Throwable fault -> LOG.error("migration ended: {} reason=\"internal error\"", line, fault);
        }
    }

    private static String describe(MigrationEntry entry) {
        MigrationSubject subject = entry.subject();
        return "id=" + entry.id() + " direction=" + subject.direction().label() + " uuid="
                + subject.guest().map(UUID::toString).orElse("none") + " peer=" + oneLine(subject.peer()) + " image="
                + subject.image().map(Journal::oneLine).orElse("none");
    }

    /** What a peer says must not make lines. */
    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", ".");
    }
}
