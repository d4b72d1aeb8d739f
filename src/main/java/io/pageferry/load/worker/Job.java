package io.pageferry.load.worker;

import io.pageferry.load.Scenario;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a worker is asked to do, a connection each.
 *
 * @param kind what it is
 * @param scenario what is being tested
 * @param guest which of its guests, 0 being the first
 * @param address where to send it, or the host to listen at
 * @param folder where images go
 * @param credentials what TLS needs, where there is TLS
 */
public record Job(Kind kind, Scenario scenario, int guest, String address, Path folder, Optional<Path> credentials) {
    /** What a worker can do. */
    public enum Kind {
        /** Have all guests of the scenario, not running: answers {@code true}. */
        PREPARE,
        /** Send one, which runs meanwhile: answers with a {@link Sent}. */
        SEND,
        /** Take one in: answers with the URI, and when it has come or failed with a {@link Received}. */
        RECEIVE
    }
}
