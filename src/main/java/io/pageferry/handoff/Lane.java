package io.pageferry.handoff;

import java.util.function.BooleanSupplier;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;

/**
 * One channel's end of the hand-off: jobs come in, emptied ones go back.
 *
 * <p>All public methods are for the channel's thread. The other side is {@link Lanes}.
 *
 * @param <J> what is handed over
 */
public final class Lane<J> {
    /** What a channel finds when it looks for work. */
    public enum Work {
        /** A job lies ready, see {@link Lane#job()}. */
        JOB,
        /** All jobs are done and a sync is asked for, see {@link Lane#syncRequest()}. */
        SYNC,
        /** All jobs are done and none will come. */
        END
    }

    private final SpscAtomicArrayQueue<J> jobs;
    private final SpscAtomicArrayQueue<J> idle;
    private final WaitPoint worker = new WaitPoint();
    private final WaitPoint swapper;
    private final WaitPoint syncer;
    private final BooleanSupplier anythingToDo = this::hasWork;
    private final BooleanSupplier synced = this::isSynced;

    /** Written by the syncing thread to ask, by the channel to answer with NONE. */
    private volatile SyncRequest pendingSync = SyncRequest.NONE;

    /** Written by the thread that hands over, once. */
    private volatile boolean finished;

    private J job; // the channel's

    Lane(int depth, WaitPoint swapper, WaitPoint syncer) {
        this.jobs = new SpscAtomicArrayQueue<>(depth);
        this.idle = new SpscAtomicArrayQueue<>(depth);
        this.swapper = swapper;
        this.syncer = syncer;
    }

    /** Whether there is nothing to do, so that {@link #await} would wait. */
    public boolean isIdle() {
        return !hasWork();
    }

    /** Waits for something to do. */
    public Work await() throws InterruptedException {
        worker.await(anythingToDo);
        // Jobs are handed over before a request is made or the end is said. So who has seen one of those sees all jobs
        // before it.
        job = jobs.poll();
        if (job != null) {
            return Work.JOB;
        }
        if (pendingSync != SyncRequest.NONE) {
            return Work.SYNC;
        }
        if (!finished) {
            throw new IllegalStateException("lane woke without work");
        }
        return Work.END;
    }

    /** The job that {@link #await} found. It is the channel's until {@link #jobDone}. */
    public J job() {
        return job;
    }

    /** Hands the job back, emptied, for the next one to be put into it. */
    public void jobDone() {
        idle.offer(job);
        job = null;
        swapper.signal();
    }

    public SyncRequest syncRequest() {
        return pendingSync;
    }

    /** Says that everything handed over before the request is done. */
    public void syncDone() {
        pendingSync = SyncRequest.NONE;
        syncer.signal();
    }

    private boolean hasWork() {
        return !jobs.isEmpty() || pendingSync != SyncRequest.NONE || finished;
    }

    // What follows is for the threads on the other side.

    void stock(J empty) {
        idle.offer(empty);
    }

    boolean hasIdle() {
        return !idle.isEmpty();
    }

    J takeIdle() {
        return idle.poll();
    }

    void handOver(J full) {
        if (!jobs.offer(full)) {
            throw new IllegalStateException("more jobs than slots in a lane");
        }
        worker.signal();
    }

    void requestSync(SyncRequest request) {
        if (pendingSync != SyncRequest.NONE) {
            throw new IllegalStateException("a sync is still pending: " + pendingSync);
        }
        pendingSync = request;
        worker.signal();
    }

    void awaitSynced() throws InterruptedException {
        syncer.await(synced);
    }

    private boolean isSynced() {
        return pendingSync == SyncRequest.NONE;
    }

    void finish() {
        finished = true;
        worker.signal();
    }
}
