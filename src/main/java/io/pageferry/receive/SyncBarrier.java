package io.pageferry.receive;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.MigrationTrace;
import io.pageferry.net.StallWatch;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where channels that delivered SYNC wait until the main channel has collected them all: packets of the next round must
 * not overtake those of this one on another channel ({@code multifd_recv_sync_main}).
 *
 * <p>Where the number of channels is open, all are there when those that have come are, and no packet is
 * {@linkplain PacketTally missing}. The first time that is only likely, since the last packet of all may be the SYNC of
 * a channel that has not come. At the second one it would be missed: then no channel is to come any more. So a channel
 * that comes late has the first SYNC still before it, in front of which a source sends no page.
 */
final class SyncBarrier {
    /** At this one it is certain that no channel is missing. */
    private static final long CERTAIN_SYNC = 2;

    private final int channels;
    private final StallWatch watch;
    private final StallWatch.Slot missing;
    private final MigrationStats stats;
    private final MigrationTrace trace;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrival = lock.newCondition();
    private final Condition mayGoOn = lock.newCondition();
    private final BitSet there = new BitSet(); // guarded by lock
    private final BitSet ended = new BitSet(); // guarded by lock
    private final BitSet known = new BitSet(); // guarded by lock: those that have come
    private final int[] syncs; // guarded by lock: of each channel
    private final PacketTally tally; // null where all channels are known from the beginning
    private long round; // guarded by lock

    /** Written by the main thread, under the lock. */
    private volatile boolean ramEnded;

    /** 1 for a channel that has brought packets since its last SYNC. Written by the channel's thread. */
    private final AtomicIntegerArray owesSync;

    SyncBarrier(int channels, StallWatch watch, MigrationStats stats) {
        this(channels, false, watch, stats);
    }

    /**
     * Makes one that nobody waits at.
     *
     * @param fewer whether there may be fewer channels than that: those that {@link #join}
     */
    SyncBarrier(int channels, boolean fewer, StallWatch watch, MigrationStats stats) {
        this.channels = channels;
        this.syncs = new int[channels];
        this.tally = fewer ? new PacketTally(channels) : null;
        this.missing = watch.slot("listener");
        if (!fewer) {
            known.set(0, channels);
        }
        this.watch = watch;
        this.stats = stats;
        this.trace = stats.trace();
        this.owesSync = new AtomicIntegerArray(channels);
    }

    /** A channel has come, and nothing of it has been read. */
    void join(int channel) {
        lock.lock();
        try {
            known.set(channel);
            arrival.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A channel's thread, with each packet that has a number of its own.
     *
     * @param packets how many of the channel that is
     * @param highest of their numbers
     */
    void count(int channel, long packets, long highest) {
        if (tally != null) {
            tally.put(channel, packets, highest);
        }
    }

    /**
     * Whether packets of channels that have not come may be missing: for sure, where nothing is on its way. For any
     * thread.
     */
    boolean mayMissPackets() {
        return !knowsAll() && !tally.isWhole();
    }

    /**
     * A channel's thread: all its packets before SYNC are committed; comes back when it may go on.
     *
     * @param packets how many of the channel that is, the SYNC among them
     * @param highest of their numbers
     */
    void arrive(int channel, long packets, long highest) throws ReceiveException, InterruptedException {
        lock.lockInterruptibly();
        try {
            owesSync.set(channel, 0);
            count(channel, packets, highest);
            if (++syncs[channel] <= round) {
                requireNothingBefore(channel, packets);
                return; // the others were released when it was not known that there was this one
            }
            there.set(channel);
            arrival.signal();
            long current = round;
            while (round == current) {
                refuseAfterRam(channel, ramEnded);
                mayGoOn.await();
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
            mayGoOn.signalAll();
        } finally {
            lock.unlock();
        }
        requireAllKnown();
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
            while (ended.cardinality() < known.cardinality()) {
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

    /**
     * The main thread: waits for all channels, then releases them. While it waits they must not be silent.
     *
     * @return whether it has only now become certain that all channels have come
     */
    boolean collect() throws ReceiveException, InterruptedException {
        int[] released;
        boolean certain;
        watch.demand(true);
        lock.lockInterruptibly();
        try {
            for (int channel = 0; channel < channels; channel++) {
                if (known.get(channel)) {
                    trace.beginRecvSyncWait();
                    awaitSyncOf(channel);
                    trace.recvSyncMainWait(channel);
                }
            }
            if (tally != null) {
                awaitMissing();
            }
            released = there.stream().toArray();
            stats.nextRound(); // before anything of it can be counted
            there.clear();
            round++;
            certain = tally != null && round == CERTAIN_SYNC;
            mayGoOn.signalAll();
        } finally {
            lock.unlock();
            watch.demand(false);
        }
        for (int channel : released) {
            trace.recvSyncMainSignal(channel);
        }
        return certain;
    }

    private void awaitSyncOf(int channel) throws ReceiveException, InterruptedException {
        while (!there.get(channel)) {
            requireNoneGone();
            arrival.await();
        }
    }

    /** Waits for channels that have not come, as packets are missing; and then for theirs. */
    private void awaitMissing() throws ReceiveException, InterruptedException {
        try {
            while (known.isEmpty() || !there.equals(known) || !tally.isWhole()) {
                requireNoneGone();
                if (there.equals(known)) {
                    missing.expect(this);
                } else {
                    missing.done(); // what is there says what it waits for
                }
                arrival.await();
            }
        } finally {
            missing.done();
        }
    }

    /** Waits until channels are released, for some time at the most. For any thread. */
    void awaitRelease(Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            mayGoOn.awaitNanos(atMost.toNanos());
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is certain that all channels have come. For any thread. */
    boolean knowsAll() {
        lock.lock();
        try {
            return tally == null || round >= CERTAIN_SYNC;
        } finally {
            lock.unlock();
        }
    }

    private void requireAllKnown() throws ReceiveException {
        if (!knowsAll()) {
            throw new ReceiveException(
                    "channels must have synced twice by the end of RAM, or one may be missing:" + " syncs=" + round);
        }
    }

    /** Or pages of an earlier round would be written over later ones. */
    private void requireNothingBefore(int channel, long packets) throws ReceiveException {
        if (packets > 1) {
            throw new ReceiveException(
                    "channel that comes late must begin with SYNC: channel=" + channel + " packets=" + packets);
        }
    }

    /** What is missing, in the words that a user needs when it does not come. */
    @Override
    public String toString() {
        lock.lock();
        try {
            return "another channel, of which packets are missing: channels=" + known + " " + tally;
        } finally {
            lock.unlock();
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
