package io.pageferry.net;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A host's bandwidth, shared fairly by those who want more of it than there is: start-time fair queueing. For any
 * thread.
 *
 * <p>Whoever pays joins a queue that is ordered by virtual time: each share's own clock goes on by what it pays,
 * divided by its weight, and a share that has paid for nothing lately is set to the time of the others, so that nothing
 * is saved up. The head of the queue waits until what was paid before it is through. A share that wants nothing costs
 * nothing, and how many channels one has does not matter.
 */
public final class SharedBandwidth {
    /** What may be moved at once after a pause: a wait shorter than this would only be lost to the timer. */
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final double nanosPerByte;
    private final ReentrantLock lock = new ReentrantLock();

    // All guarded by lock.
    private final PriorityQueue<Payment> queue =
            new PriorityQueue<>(Comparator.comparingDouble(Payment::finish).thenComparingLong(Payment::number));
    private double virtualTime;
    private long freeNanos = System.nanoTime();
    private long payments;

    /** One that waits for its turn. */
    private record Payment(double start, double finish, long number, Condition turn) {}

    /**
     * Makes one.
     *
     * @param bytesPerSecond 0 for no limit
     */
    public SharedBandwidth(long bytesPerSecond) {
        nanosPerByte = nanosPerByte(bytesPerSecond);
    }

    private static double nanosPerByte(long bytesPerSecond) {
        return bytesPerSecond == 0 ? 0 : 1e9 / bytesPerSecond;
    }

    /**
     * The share of one migration.
     *
     * @param weight of two that want all they can get, one with twice the weight gets twice as much
     * @param ownBytesPerSecond what it may have at the most; 0 for no limit
     */
    public Throttle share(int weight, long ownBytesPerSecond) {
        if (nanosPerByte == 0 && ownBytesPerSecond == 0) {
            return Throttle.NONE;
        }
        return new Share(weight, nanosPerByte(ownBytesPerSecond));
    }

    private final class Share implements Throttle {
        private final int weight;
        private final double ownNanosPerByte;

        // Guarded by lock.
        private double finish;
        private long ownFreeNanos = System.nanoTime();

        Share(int weight, double ownNanosPerByte) {
            this.weight = weight;
            this.ownNanosPerByte = ownNanosPerByte;
        }

        @Override
        public void spend(long bytes) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                if (ownNanosPerByte > 0) {
                    ownFreeNanos =
                            later(ownFreeNanos, System.nanoTime() - BURST_NANOS) + (long) (bytes * ownNanosPerByte);
                    awaitTime(lock.newCondition(), ownFreeNanos);
                }
                if (nanosPerByte > 0) {
                    awaitTurn(bytes);
                }
            } finally {
                lock.unlock();
            }
        }

        private void awaitTurn(long bytes) throws InterruptedException {
            double start = Math.max(virtualTime, finish);
            finish = start + (double) bytes / weight;
            Payment mine = new Payment(start, finish, payments++, lock.newCondition());
            queue.add(mine);
            try {
                while (queue.peek() != mine || freeNanos - System.nanoTime() > 0) {
                    if (queue.peek() == mine) {
                        mine.turn().awaitNanos(freeNanos - System.nanoTime());
                    } else {
                        mine.turn().await();
                    }
                }
                virtualTime = mine.start();
                freeNanos = later(freeNanos, System.nanoTime() - BURST_NANOS) + (long) (bytes * nanosPerByte);
            } finally {
                queue.remove(mine);
                if (!queue.isEmpty()) {
                    queue.peek().turn().signal();
                }
            }
        }
    }

    private static void awaitTime(Condition condition, long untilNanos) throws InterruptedException {
        for (long left = untilNanos - System.nanoTime(); left > 0; ) {
            left = condition.awaitNanos(left);
        }
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
