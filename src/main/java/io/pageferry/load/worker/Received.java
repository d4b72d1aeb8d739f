package io.pageferry.load.worker;

import io.pageferry.session.MigrationOutcome;

/**
 * How a migration ended.
 *
 * @param error why it failed, or null
 */
public record Received(String error) {
    /** What is told of an outcome to whoever waits for it. */
    public static Received of(MigrationOutcome outcome) {
        if (outcome.completed()) {
            return new Received(null);
        }
        return new Received(outcome.failure()
                .map(failure -> failure.getMessage() == null ? failure.toString() : failure.getMessage())
                .orElse(outcome.status().qemuName()));
    }
}
