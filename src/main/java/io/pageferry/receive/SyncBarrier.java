package io.pageferry.receive;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.MigrationTrace;
import io.pageferry.net.StallWatch;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where channels that delivered SYNC wait until the main channel has collected them all: packets of the next round must
 * not overtake those of this one on another channel ({@code multifd_recv_sync_main}).
 */
final class SyncBarrier {
    private final int channels;
    private final StallWatch watch;
    private final MigrationStats stats;
    private final MigrationTrace trace;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrival = lock.newCondition();
    private final Condition released = lock.newCondition();
    private final BitSet there = new BitSet(); // guarded by lock
    private final BitSet ended = new BitSet(); // guarded by lock
    private long round; // guarded by lock

    /** Written by the main thread, under the lock. */
    private volatile boolean ramEnded;

    /** 1 for a channel that has brought packets since its last SYNC. Written by the channel's thread. */
    private final AtomicIntegerArray owesSync;

    SyncBarrier(int channels, StallWatch watch, MigrationStats stats) {
        this.channels = channels;
        this.watch = watch;
        this.stats = stats;
        this.trace = stats.trace();
        this.owesSync = new AtomicIntegerArray(channels);
    }

    /** A channel's thread: all its packets before SYNC are committed; comes back when it may go on. */
    void arrive(int channel) throws ReceiveException, InterruptedException {
        lock.lockInterruptibly();
        try {
            owesSync.set(channel, 0);
            there.set(channel);
            arrival.signal();
            long current = round;
            while (round == current) {
                refuseAfterRam(channel, ramEnded);
                released.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A channel's thread: its peer has ended it. */
    void end(int channel) {
        lock.lock();
        try {
            ended.set(channel);
            arrival.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The main thread: RAM is complete, and no packet may come after this, nor have come since the last sync. */
    void endRam() throws ReceiveException {
        lock.lock();
        try {
            ramEnded = true;
            // Who waits here has sent a SYNC that nobody is going to collect.
            released.signalAll();
        } finally {
            lock.unlock();
        }
        // A packet that was quicker than the end of RAM is refused like one that was not.
        for (int channel = 0; channel < channels; channel++) {
            refuseAfterRam(channel, owesSync.get(channel) != 0);
        }
    }

    /**
     * The main thread, the stream being at its end: waits until the peer has ended all channels. While it waits they
     * must not be silent.
     */
    void awaitEnds() throws InterruptedException {
        watch.demand(true);
        lock.lockInterruptibly();
        try {
            while (ended.cardinality() < channels) {
                arrival.await();
            }
        } finally {
            lock.unlock();
            watch.demand(false);
        }
    }

    /** A channel's thread, with a new packet, after which it owes a SYNC. */
    void requireRam(int channel) throws ReceiveException {
        owesSync.set(channel, 1); // before it looks: either it sees the end of RAM, or the main thread sees the packet
        refuseAfterRam(channel, ramEnded);
    }

    private static void refuseAfterRam(int channel, boolean isAfter) throws ReceiveException {
        if (isAfter) {
            throw new ReceiveException("packet must not come after the end of RAM: channel=" + channel);
        }
    }

    /** The main thread: waits for all channels, then releases them. While it waits they must not be silent. */
    void collect() throws ReceiveException, InterruptedException {
        watch.demand(true);
        lock.lockInterruptibly();
        try {
            for (int channel = 0; channel < channels; channel++) {
                trace.beginRecvSyncWait();
                while (!there.get(channel)) {
                    requireNoneGone();
                    arrival.await();
                }
                trace.recvSyncMainWait(channel);
            }
            stats.nextRound(); // before anything of it can be counted
            there.clear();
            round++;
            released.signalAll();
        } finally {
            lock.unlock();
            watch.demand(false);
        }
        for (int channel = 0; channel < channels; channel++) {
            trace.recvSyncMainSignal(channel);
        }
    }

    private void requireNoneGone() throws ReceiveException {
        BitSet gone = (BitSet) ended.clone();
        gone.andNot(there);
        if (!gone.isEmpty()) {
            throw new ReceiveException("channel must send SYNC before it closes: channels=" + gone);
        }
    }
}
