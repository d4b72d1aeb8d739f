package io.pageferry.handoff;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * All lanes of a migration, as seen by those who have work for the channels.
 *
 * <p>{@link #swap} is for any thread. Syncs and {@link #finish} are for one thread, the migration's main one, when no
 * other hands over.
 *
 * @param <J> what is handed over
 */
public final class Lanes<J> {
    /**
     * How many jobs a channel can have waiting. A job is only a list of offsets, so a second one costs nothing, and it
     * keeps the channel busy while its next one is put together. More would only make the rounds' ends ragged.
     */
    public static final int DEFAULT_DEPTH = 2;

    private final List<Lane<J>> lanes;
    private final ReentrantLock handingOver = new ReentrantLock();
    private final WaitPoint swapper = new WaitPoint();
    private final WaitPoint syncer = new WaitPoint();
    private final BooleanSupplier anyIdle = this::hasIdle;
    private int next; // guarded by handingOver

    /**
     * Makes lanes and stocks them.
     *
     * @param channels how many
     * @param depth how many jobs each can have waiting
     * @param empties makes the jobs' containers, {@code depth} for each lane
     */
    public Lanes(int channels, int depth, Supplier<J> empties) {
        lanes = IntStream.range(0, channels)
                .mapToObj(channel -> new Lane<J>(depth, swapper, syncer))
                .toList();
        lanes.forEach(lane -> IntStream.range(0, depth).forEach(slot -> lane.stock(empties.get())));
    }

    public int channels() {
        return lanes.size();
    }

    /** A channel's own end. */
    public Lane<J> lane(int channel) {
        return lanes.get(channel);
    }

    /**
     * Hands a full job to the next channel that has an empty one to give for it, waiting for that where none has.
     *
     * @return the empty one
     */
    public J swap(J full) throws InterruptedException {
        handingOver.lockInterruptibly();
        try {
            swapper.await(anyIdle);
            while (true) {
                Lane<J> lane = lanes.get(next);
                next = (next + 1) % lanes.size();
                J empty = lane.takeIdle();
                if (empty != null) {
                    lane.handOver(full);
                    return empty;
                }
            }
        } finally {
            handingOver.unlock();
        }
    }

    /** Asks all channels for a sync and waits until each has said that everything before it is done. */
    public void sync(SyncRequest request) throws InterruptedException {
        for (int channel = 0; channel < lanes.size(); channel++) {
            requestSync(channel, request);
        }
        for (int channel = 0; channel < lanes.size(); channel++) {
            awaitSync(channel);
        }
    }

    /**
     * Asks one channel for a sync. Each is asked once, and {@linkplain #awaitSync waited for} before it is asked again.
     */
    public void requestSync(int channel, SyncRequest request) {
        lanes.get(channel).requestSync(request);
    }

    /** Waits until a channel that was asked has said that everything before it is done. */
    public void awaitSync(int channel) throws InterruptedException {
        lanes.get(channel).awaitSynced();
    }

    /** Lets the channels end once their jobs are done. */
    public void finish() {
        lanes.forEach(Lane::finish);
    }

    private boolean hasIdle() {
        for (int i = 0; i < lanes.size(); i++) {
            if (lanes.get(i).hasIdle()) {
                return true;
            }
        }
        return false;
    }
}
