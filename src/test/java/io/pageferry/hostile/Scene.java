package io.pageferry.hostile;

import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import java.io.IOException;
import java.util.concurrent.Future;

/** A migration on its way to a stage, and its peer. The migration runs on a thread of its own. */
interface Scene extends AutoCloseable {
    MigrationProgress progress();

    /** Whether the stage is reached. */
    boolean isThere();

    void cancel();

    void yank();

    /** The thread that runs the migration. */
    Thread runner();

    /** Lets the peer end one of its connections. */
    default void end(Peer.Then how) throws Exception {
        throw new IllegalStateException("no connection can be ended here: how=" + how);
    }

    /** Lets a task that is held up fail. */
    default void fail(RuntimeException fault) {
        throw new IllegalStateException("nobody is held up here", fault);
    }

    /** How it ended, there before its thread has ended. */
    Future<MigrationOutcome> outcome();

    /** Comes back when the peer has seen all its connections closed. */
    void awaitPeerClosed() throws Exception;

    /** No image has appeared, none is gone, and there is nothing else. */
    void requireUntouched() throws Exception;

    /** Ends what is left. */
    @Override
    void close() throws IOException;
}
