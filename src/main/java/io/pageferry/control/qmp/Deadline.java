package io.pageferry.control.qmp;

import io.pageferry.net.Connection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Closes a connection whose peer takes too long for what its thread is at, until that closes this. */
final class Deadline implements AutoCloseable {
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private Deadline() {}

    static Deadline of(Connection connection, Duration time) {
        Deadline deadline = new Deadline();
        deadline.over.orTimeout(time.toNanos(), TimeUnit.NANOSECONDS).exceptionally(_ -> {
            connection.close();
            return null;
        });
        return deadline;
    }

    /** Whether it has passed. */
    boolean isPassed() {
        return over.isCompletedExceptionally();
    }

    @Override
    public void close() {
        over.complete(null);
    }
}
