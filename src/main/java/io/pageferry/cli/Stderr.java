package io.pageferry.cli;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a command says beside its result and its log. Where the log is for programs, that is a line of it, so that they
 * find nothing else there.
 */
final class Stderr {
    private static final String LOGGER = "pageferry";

    private Stderr() {}

    /** Where it can be reached, say: somebody waits for this line. */
    static void announce(String line) {
        if (LogSetup.isJson()) {
            log().info(line);
        } else {
            System.err.println(line);
        }
    }

    /** Why it has failed. */
    static void complain(String line) {
        if (LogSetup.isJson()) {
            log().error(line);
        } else {
            System.err.println(line);
        }
    }

    private static Logger log() {
        return LoggerFactory.getLogger(LOGGER);
    }
}
