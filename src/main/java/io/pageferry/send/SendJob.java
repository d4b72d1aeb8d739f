package io.pageferry.send;

import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What a channel is handed: some batches of pages of one block, a packet each, or a piece of device state instead
 * (QEMU's {@code MultiFDSendData}, which has one batch). To be woken takes a channel as long as it takes for several
 * packets of zero pages, so it is woken for several where there is much to do.
 *
 * <p>It has one owner at a time, as its batches have.
 */
final class SendJob {
    /**
     * A channel whose packets carry data has so many batches at the most: 2 MiB of pages, so that a huge page is one
     * channel's.
     */
    static final int MOST_BATCHES_OF_DATA = 4;

    /** More of them are hardly cheaper, and packets of zero pages wait for as many before they are written. */
    static final int MOST_BATCHES = 16;

    /**
     * So many jobs are left for each channel when they become smaller, for all channels to be done at about the same
     * time.
     */
    private static final int JOBS_LEFT = 4;

    private static final int NONE = -1;

    private final PageBatch[] batches;
    private int current;
    private int limit;
    private int piece = NONE;
    private long handedOffNanos;

    /**
     * Makes an empty job.
     *
     * @param capacity how many batches fit
     * @param emptyBatch makes them
     */
    SendJob(int capacity, Supplier<PageBatch> emptyBatch) {
        batches = IntStream.range(0, capacity).mapToObj(_ -> emptyBatch.get()).toArray(PageBatch[]::new);
    }

    /** How many batches a job has where so many are left for all channels, {@link #MOST_BATCHES} at the most. */
    static int batches(long left, int channels) {
        return Math.clamp(left / ((long) channels * JOBS_LEFT), 1, MOST_BATCHES);
    }

    /**
     * Empties the job and says which block the next pages are of.
     *
     * @param most how many batches it is to have at the most
     */
    void begin(RamBlock block, int most) {
        piece = NONE;
        limit = Math.min(most, batches.length);
        current = 0;
        batches[0].begin(block);
    }

    /** The batch that is to be filled. */
    PageBatch current() {
        return batches[current];
    }

    /** Goes on to the next batch; false where that was the last. */
    boolean next() {
        if (current + 1 == limit) {
            return false;
        }
        batches[current + 1].begin(batches[current].block());
        current++;
        return true;
    }

    boolean isEmpty() {
        return batches() == 0;
    }

    /** How many batches have pages. */
    int batches() {
        return batches[current].isEmpty() ? current : current + 1;
    }

    PageBatch batch(int index) {
        return batches[index];
    }

    /** Puts a piece in, by its place in the guest's list. */
    void piece(int index) {
        piece = index;
    }

    int piece() {
        return piece;
    }

    boolean isDeviceState() {
        return piece != NONE;
    }

    /** When the job was handed to a channel, by {@link System#nanoTime()}. */
    long handedOffNanos() {
        return handedOffNanos;
    }

    void handedOffNanos(long nanoTime) {
        handedOffNanos = nanoTime;
    }
}
