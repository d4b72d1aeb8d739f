package io.pageferry.session.registry;

import io.pageferry.session.Migration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * One migration as {@link Migrations} has it: what it is about, how far it is, how it ended, and how to end it. For any
 * thread.
 */
public final class MigrationEntry {
    private final long id;
    private final Instant started;
    private final MigrationProgress progress;

    private MigrationSubject subject; // guarded by this
    private Migration migration; // guarded by this; null when it has ended, and what it holds with it
    private MigrationOutcome outcome; // guarded by this
    private Instant ended; // guarded by this

    MigrationEntry(long id, MigrationSubject subject, Instant started, Migration migration) {
        this.id = id;
        this.subject = subject;
        this.started = started;
        this.migration = migration;
        this.progress = migration.progress();
    }

    /** Counts up from 1, in the order in which migrations begin; never used twice in one process. */
    public long id() {
        return id;
    }

    public Instant started() {
        return started;
    }

    /** What it is about, as far as that is known by now. */
    public synchronized MigrationSubject subject() {
        return subject;
    }

    /** Its guest has said who it is. */
    public synchronized void guestIs(UUID uuid) {
        subject = subject.withGuest(uuid);
    }

    /** The image has another place than it was to have. */
    public synchronized void imageIs(String image) {
        subject = subject.withImage(image);
    }

    public MigrationProgress progress() {
        return progress;
    }

    /** How it ended; empty while it runs. */
    public synchronized Optional<MigrationOutcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /** When it ended; empty while it runs. */
    public synchronized Optional<Instant> ended() {
        return Optional.ofNullable(ended);
    }

    /** As {@link Migration#cancel}; nothing happens where it has ended. */
    public void cancel() {
        running().ifPresent(Migration::cancel);
    }

    /** As {@link Migration#yank}; nothing happens where it has ended. */
    public void yank() {
        running().ifPresent(Migration::yank);
    }

    /** As {@link Migration#maxBandwidth}; nothing happens where it has ended. */
    public void maxBandwidth(long bytesPerSecond) {
        running().ifPresent(one -> one.maxBandwidth(bytesPerSecond));
    }

    private synchronized Optional<Migration> running() {
        return Optional.ofNullable(migration);
    }

    synchronized void end(MigrationOutcome how, Instant when) {
        outcome = how;
        ended = when;
        migration = null;
    }
}
