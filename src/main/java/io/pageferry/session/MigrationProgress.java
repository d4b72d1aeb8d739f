package io.pageferry.session;

import io.pageferry.metrics.MigrationStats;
import java.util.Optional;

/**
 * A migration as seen from outside while it runs: its state, its times, its counters. Written by the migration's
 * threads, read by any.
 *
 * <p>Times are in nanoseconds; one that has not begun is 0.
 */
public final class MigrationProgress {
    private final MigrationStats stats;
    private final MigrationThreads threads = new MigrationThreads();

    private MigrationStatus status = MigrationStatus.NONE; // guarded by this
    private long setupNanos; // guarded by this
    private long activeNanos; // guarded by this
    private long deviceNanos; // guarded by this
    private long handedOverNanos; // guarded by this
    private long endNanos; // guarded by this
    private Throwable failure; // guarded by this

    public MigrationProgress(MigrationStats stats) {
        this.stats = stats;
    }

    public MigrationStats stats() {
        return stats;
    }

    /** The migration's threads that run now: {@code query-migrationthreads}. */
    public MigrationThreads threads() {
        return threads;
    }

    public synchronized MigrationStatus status() {
        return status;
    }

    /** Why it failed: there as soon as anybody can see that it has. */
    public synchronized Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    /** Moves to the last state. */
    synchronized void end(MigrationStatus last, Throwable why) {
        failure = why;
        become(last);
    }

    /** The other end pauses, or goes on; nothing where the migration is anywhere else by now. */
    synchronized void pause(boolean paused) {
        if (status == (paused ? MigrationStatus.ACTIVE : MigrationStatus.PRE_SWITCHOVER)) {
            become(paused ? MigrationStatus.PRE_SWITCHOVER : MigrationStatus.ACTIVE);
        }
    }

    /** Moves to the next state; a move that QEMU's table does not have is a fault of ours. */
    synchronized void become(MigrationStatus next) {
        if (!status.canBecome(next)) {
            throw new IllegalStateException("state must move along its table: from=" + status + " to=" + next);
        }
        status = next;
        stats.state(next.qemuName(), next.isFinal());
        long now = System.nanoTime();
        switch (next) {
            case SETUP -> setupNanos = now;
            case ACTIVE -> activeNanos = activeNanos == 0 ? now : activeNanos;
            case DEVICE -> {
                deviceNanos = now;
                stats.guestStopped();
            }
            case COMPLETED, FAILED, CANCELLED -> endNanos = now;
            default -> {}
        }
    }

    /**
     * The destination has said that the guest is safe there. What is left is to let go of our own things, which the
     * guest does not wait for.
     */
    synchronized void handedOver() {
        handedOverNanos = System.nanoTime();
    }

    /** The guest runs at the destination, by which its downtime is over, and its pages follow. */
    synchronized void runsThere() {
        if (status != MigrationStatus.POSTCOPY_RECOVER) {
            handedOver();
            stats.guestRunsThere();
        }
        become(MigrationStatus.POSTCOPY_ACTIVE);
    }

    /** {@code total-time}: since the first connection was made or came. */
    public synchronized long totalNanos() {
        return since(setupNanos);
    }

    /** {@code setup-time}: until all channels were there. */
    public synchronized long setupTimeNanos() {
        return setupNanos == 0 || activeNanos == 0 ? 0 : activeNanos - setupNanos;
    }

    /** Since pages are on their way. */
    public synchronized long activeTimeNanos() {
        return since(activeNanos);
    }

    /**
     * {@code downtime}: from just before the guest is stopped until its source knows that the destination has it, or,
     * for an image, that it is on disk. That connections are closed and threads end afterwards is part of
     * {@code total-time}, as it is with QEMU, and not of this. 0 for a guest that is received: only its source knows.
     */
    public synchronized long downtimeNanos() {
        return handedOverNanos == 0 ? since(deviceNanos) : handedOverNanos - deviceNanos;
    }

    private long since(long startNanos) {
        if (startNanos == 0) {
            return 0;
        }
        return (endNanos == 0 ? System.nanoTime() : endNanos) - startNanos;
    }
}
