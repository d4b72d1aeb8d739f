package io.pageferry.supervision;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps faults to the piece of work that they are met in: each is said in the log and counted. For any thread. */
public final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    /** Where a fault was met. */
    public enum Place {
        /** A migration, which has failed. */
        MIGRATION,
        /** Somebody who is told how a migration ended. */
        LISTENER,
        /** A connection that is not yet a migration's, or a guest whose connections are all there. */
        CONNECTION,
        /** Where connections are accepted. */
        ACCEPT,
        /** What ends whoever takes too long, or removes what is too old. */
        SWEEPER,
        HTTP,
        EVENTS,
        QMP,
        SIGNAL,
        WATCHDOG,
        /** Memory or disk that is looked after beside migrations. */
        HOUSEKEEPING;

        /** As metrics and the log have it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A piece of work. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /** No adder makes cells here: counting must take no memory. */
    private static final AtomicLongArray COUNTS = new AtomicLongArray(Place.values().length);

    private Faults() {}

    /** How many there were in this process. */
    public static long count(Place place) {
        return COUNTS.get(place.ordinal());
    }

    /**
     * Does a piece of work.
     *
     * @param what the work is, for the log
     * @return whether it came to its end
     */
    public static boolean contain(Place place, String what, Work work) {
        try {
            work.run();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Throwable fault) {
            note(place, what, fault);
            return false;
        }
    }

    /** Counts a fault and says it in the log. Never fails. */
    public static void note(Place place, String what, Throwable fault) {
        COUNTS.incrementAndGet(place.ordinal());
        try {
            LOG.error("{} must go on: place={} fault=\"{}\"", what, place.label(), fault.toString(), fault);
        } catch (Throwable e) {
            // Too little memory for a line of the log. It is counted.
        }
    }

    /** Counts a fault that somebody else says. */
    public static void counted(Place place, Throwable fault) {
        if (fault instanceof RuntimeException || fault instanceof Error) {
            COUNTS.incrementAndGet(place.ordinal());
        }
    }
}
