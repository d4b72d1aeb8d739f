package io.pageferry.session.registry;

import io.pageferry.memory.MemoryBudget;
import io.pageferry.session.Migration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.SessionException;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * All migrations of this process: those that run, and the last ones that have ended. For any thread.
 *
 * <p>Each runs on a virtual thread of its own, in its own scope, so that how one ends is nothing to the others. Memory
 * is bounded: no more run at once than {@code max-migrations}, and of those that have ended so many are kept as the
 * registry was made for, without what they held.
 */
public final class Migrations implements AutoCloseable {
    /**
     * Enough to see what went on in the last minutes of a busy host; an ended migration of 4 channels has about 60 KiB
     * of counters and histograms.
     */
    public static final int DEFAULT_ENDED_KEPT = 100;

    private final int maxRunning;
    private final int endedKept;
    private final Map<Long, MigrationEntry> running = new TreeMap<>(); // guarded by this
    private final Deque<MigrationEntry> ended = new ArrayDeque<>(); // guarded by this
    private long lastId; // guarded by this
    private boolean refusing; // guarded by this
    private final MemoryBudget budget;
    private final List<Consumer<MigrationEntry>> endListeners = new CopyOnWriteArrayList<>();

    /**
     * Makes an empty registry.
     *
     * @param maxRunning how many migrations may run at once
     * @param endedKept how many are kept of those that have ended; the oldest ones go first
     */
    public Migrations(int maxRunning, int endedKept) {
        this(maxRunning, endedKept, MemoryBudget.ofThisProcess());
    }

    /**
     * The same with less memory than the process has.
     *
     * @param budget what all its migrations may take at once
     */
    public Migrations(int maxRunning, int endedKept, MemoryBudget budget) {
        this.budget = budget;
        this.maxRunning = maxRunning;
        this.endedKept = endedKept;
    }

    /**
     * Starts a migration on a virtual thread of its own.
     *
     * @param whenEnded run on that thread when the migration is over, and before it counts as ended: closes what the
     *     migration's maker has to close
     * @throws IOException where there are as many as there may be, too little memory is left, or the registry is being
     *     closed; nothing has been done then
     */
    public MigrationEntry start(MigrationSubject subject, Migration migration, Consumer<MigrationOutcome> whenEnded)
            throws IOException {
        MigrationEntry entry = register(subject, migration);
        try {
            Journal.began(entry);
            Thread.ofVirtual().name("migration-" + entry.id()).start(() -> run(entry, migration, whenEnded));
            return entry;
        } catch (Throwable e) {
            migration.dismiss();
            forget(entry); // or it would count among those that run for ever
            throw e;
        }
    }

    /**
     * Takes up a migration that its maker is going to {@linkplain #run run}.
     *
     * @throws IOException where there are as many as there may be, too little memory is left, or the registry is being
     *     closed
     */
    public synchronized MigrationEntry register(MigrationSubject subject, Migration migration) throws IOException {
        if (refusing) {
            throw new SessionException("migration must come before the server is told to end: peer=" + subject.peer());
        }
        if (running.size() >= maxRunning) {
            throw new SessionException("migrations at once must be as many as max-migrations at the most: peer="
                    + subject.peer() + " running=" + running.size() + " max-migrations=" + maxRunning);
        }
        migration.admit(budget);
        MigrationEntry entry = new MigrationEntry(++lastId, subject, Instant.now(), migration);
        running.put(entry.id(), entry);
        return entry;
    }

    private synchronized void forget(MigrationEntry entry) {
        running.remove(entry.id());
        notifyAll();
    }

    /**
     * Runs a registered migration to its end on the calling thread. Whatever fails on the way, it does not count among
     * those that run any more when this comes back, and everybody was told who could be: a fault of one is nothing to
     * the others, nor to the migration.
     */
    public MigrationOutcome run(MigrationEntry entry, Migration migration, Consumer<MigrationOutcome> whenEnded) {
        MigrationOutcome how = outcomeOf(migration);
        try {
            how.failure().ifPresent(failure -> Faults.counted(Place.MIGRATION, failure));
            Faults.contain(Place.MIGRATION, "what a migration held", () -> whenEnded.accept(how));
            Faults.contain(Place.LISTENER, "log", () -> Journal.ended(entry, how));
            for (Consumer<MigrationEntry> listener : endListeners) {
                Faults.contain(Place.LISTENER, "listener to ends of migrations", () -> listener.accept(entry));
            }
            return how;
        } finally {
            end(entry, how);
        }
    }

    private static MigrationOutcome outcomeOf(Migration migration) {
        try {
            return migration.run();
        } catch (Throwable e) {
            // Too little memory to say how it ended, say. It has released all by then.
            return new MigrationOutcome(MigrationStatus.FAILED, Optional.of(e), migration.progress());
        }
    }

    /** First what cannot fail: takes it from those that run. */
    private synchronized void end(MigrationEntry entry, MigrationOutcome outcome) {
        running.remove(entry.id());
        notifyAll();
        entry.end(outcome, Instant.now());
        ended.addLast(entry);
        while (ended.size() > endedKept) {
            ended.removeFirst();
        }
    }

    /** Those that run and those that are kept, in the order in which they began. */
    public synchronized List<MigrationEntry> list() {
        List<MigrationEntry> all = new ArrayList<>(running.values());
        all.addAll(ended);
        all.sort(Comparator.comparingLong(MigrationEntry::id));
        return all;
    }

    public synchronized Optional<MigrationEntry> find(long id) {
        MigrationEntry entry = running.get(id);
        return entry != null
                ? Optional.of(entry)
                : ended.stream().filter(one -> one.id() == id).findFirst();
    }

    /** What its migrations may take of memory, and have taken. */
    public MemoryBudget memory() {
        return budget;
    }

    /** How many run now. */
    public synchronized int running() {
        return running.size();
    }

    public int maxRunning() {
        return maxRunning;
    }

    /**
     * Has somebody told of each migration from now on when its counters have become final; it is still
     * {@linkplain #list listed} then.
     */
    public void whenOneEnds(Consumer<MigrationEntry> listener) {
        endListeners.add(listener);
    }

    /** Whether another migration would be taken up now. */
    public synchronized boolean hasRoom() {
        return !refusing && running.size() < maxRunning;
    }

    /** From now on no migration is taken up any more. */
    public synchronized void refuseNew() {
        refusing = true;
    }

    /**
     * Waits until none runs.
     *
     * @return false where some still run when the time is over
     */
    public synchronized boolean awaitNone(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!running.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(Math.max(1, left / 1_000_000));
        }
        return true;
    }

    /** Takes up no more, cancels those that run, and waits until everything of them is released. */
    @Override
    public void close() {
        List<MigrationEntry> left;
        synchronized (this) {
            refusing = true;
            left = List.copyOf(running.values());
        }
        left.forEach(MigrationEntry::cancel);
        boolean interrupted = false;
        while (true) {
            try {
                awaitNone(Duration.ofDays(1));
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
