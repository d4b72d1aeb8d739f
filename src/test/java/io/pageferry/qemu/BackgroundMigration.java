package io.pageferry.qemu;

import io.pageferry.session.Migration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A migration of this process, on a thread of its own. Closing it cancels what still goes on, and waits until that has
 * ended.
 */
final class BackgroundMigration implements AutoCloseable {
    /** Runs a migration to its end and lets go of everything that it used. */
    @FunctionalInterface
    interface Run {
        MigrationOutcome toEnd() throws IOException;
    }

    private final String name;
    private final CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();
    private final Thread thread;
    private boolean awaited; // the test's thread

    BackgroundMigration(String name, Run run) {
        this.name = name;
        this.thread = Thread.ofVirtual().name(name).start(() -> {
            try {
                outcome.complete(run.toEnd());
            } catch (IOException | RuntimeException | Error e) {
                outcome.completeExceptionally(e);
            }
        });
    }

    void awaitCompleted() throws Exception {
        requireCompleted(awaitEnd());
    }

    /**
     * Waits for a migration that must fail, and not by a fault of ours; returns what it says, which must be one line.
     */
    String awaitFailed() throws Exception {
        MigrationOutcome ended = awaitEnd();
        Throwable failure = ended.failure().orElse(null);
        if (ended.status() != MigrationStatus.FAILED
                || !(failure instanceof IOException)
                || failure.getMessage() == null
                || failure.getMessage().lines().count() != 1) {
            throw new AssertionError(name + " must fail with one line: status=" + ended.status(), failure);
        }
        return failure.getMessage();
    }

    /** Ends it, and waits until that is done. */
    MigrationOutcome stop(Migration running, Stop how) throws Exception {
        switch (how) {
            case CANCEL -> running.cancel();
            case YANK -> running.yank();
            case INTERRUPT -> thread.interrupt();
        }
        return awaitEnd();
    }

    MigrationOutcome awaitEnd() throws Exception {
        awaited = true;
        try {
            return outcome.get(Eventually.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(name + " must end", e);
        }
    }

    static void requireCompleted(MigrationOutcome outcome) {
        if (!outcome.completed()) {
            throw new AssertionError(
                    "migration must complete: status=" + outcome.status(),
                    outcome.failure().orElse(null));
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Eventually.DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!awaited) {
            // The test has failed before it asked, and most likely by what failed here.
            outcome.thenAccept(ended -> ended.failure().ifPresent(Throwable::printStackTrace));
        }
    }
}
