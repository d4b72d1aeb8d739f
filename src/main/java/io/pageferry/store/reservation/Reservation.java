package io.pageferry.store.reservation;

import io.pageferry.checkpoint.SpaceReservation;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongSupplier;

/**
 * Room on disk that one guest has reserved. For any thread.
 *
 * <p>Room for all its RAM and {@link #STEP_BYTES} of device state is reserved when its RAM blocks are known, and more
 * in such steps before that is written. A reservation that nothing was written to for a while may be given to somebody
 * else; whoever writes then must reserve anew. Zero pages count, which are written nowhere.
 */
public final class Reservation implements SpaceReservation {
    /**
     * How much device state there is comes out last, and nobody says it before: a PC's has some 100 KiB, one with
     * devices of its host's many MiB.
     */
    public static final long STEP_BYTES = 16L << 20;

    private final Reservations all;
    private final String image;
    private final long staleNanos;
    private final LongSupplier onDisk;

    /** Held for reading by who writes, for writing by who takes the room away. */
    private final StampedLock use = new StampedLock();

    private volatile boolean givenBack = true; // guarded by all, and by use
    private volatile long usedNanos;

    private volatile long ramBytes; // guarded by all: reserved for pages, and what is written around them
    private long headBytes; // the same: of that, what is no pages
    private volatile long besideBytes; // guarded by all: reserved
    private final AtomicLong besideBegun = new AtomicLong();
    private final AtomicLong besideWritten = new AtomicLong();

    private volatile Set<String> holders = Set.of();
    private volatile double share = 1;

    /**
     * Makes one of nothing.
     *
     * @param onDisk how many bytes of the disk the guest has taken: what is not free there any more, and only that, is
     *     not reserved any more
     */
    Reservation(Reservations all, String image, Duration staleAfter, LongSupplier onDisk) {
        this.all = all;
        this.image = image;
        this.staleNanos = staleAfter.toNanos();
        this.onDisk = onDisk;
    }

    /**
     * Says whose room it is, before any is reserved.
     *
     * @param newHolders its source's host and identity, each of which may hold no more than its share
     * @param newShare of the room that is free
     */
    public void heldBy(Set<String> newHolders, double newShare) {
        holders = newHolders;
        share = newShare;
    }

    Set<String> holders() {
        return holders;
    }

    double share() {
        return share;
    }

    String image() {
        return image;
    }

    /**
     * Reserves what a guest takes on disk at the most, but for more device state than it begins with.
     *
     * @param pages bytes of its RAM
     * @param heads bytes of what is written around its pages
     * @throws ReservationException where there is no such room, or its source would have more than its share
     */
    public void reserve(long pages, long heads) throws ReservationException {
        all.take(this, pages + heads + STEP_BYTES, "", () -> {
            ramBytes = pages + heads;
            headBytes = heads;
            besideBytes = STEP_BYTES;
            inUse();
        });
    }

    @Override
    public long begin(long bytesBesidePages) throws ReservationException {
        while (true) {
            long stamp = use.readLock();
            if (!givenBack) {
                usedNanos = all.now();
                if (bytesBesidePages > 0) {
                    reserveBeside(bytesBesidePages, stamp);
                }
                return stamp;
            }
            use.unlockRead(stamp);
            renew();
        }
    }

    private void reserveBeside(long bytes, long stamp) throws ReservationException {
        if (besideBegun.addAndGet(bytes) <= besideBytes) {
            return;
        }
        boolean reserved = false;
        try {
            synchronized (all) {
                long lacking = besideBegun.get() - besideBytes;
                if (lacking > 0) {
                    long steps = (lacking + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
                    all.take(this, steps, " for=\"more device state\"", () -> besideBytes += steps);
                }
            }
            reserved = true;
        } finally {
            if (!reserved) {
                besideBegun.addAndGet(-bytes);
                use.unlockRead(stamp);
            }
        }
    }

    private void renew() throws ReservationException {
        synchronized (all) {
            if (givenBack) {
                all.take(
                        this,
                        unfilledBytes(),
                        " for=\"what was given back, as nothing was written to it for stall-timeout\"",
                        this::inUse);
            }
        }
    }

    private void inUse() {
        usedNanos = all.now();
        givenBack = false;
    }

    @Override
    public void end(long stamp, long bytesBesidePages) {
        besideWritten.addAndGet(bytesBesidePages);
        usedNanos = all.now(); // it may have taken long
        use.unlockRead(stamp);
    }

    @Override
    public void allPagesHaveCome() {
        synchronized (all) {
            long ramOnDisk = Math.max(0, onDisk.getAsLong() - besideWritten.get());
            ramBytes = Math.min(ramBytes, ramOnDisk + headBytes);
        }
    }

    /** Guarded by all: gives the room back where nobody has written to it for so long, and nobody does. */
    boolean giveBackIfStale() {
        if (givenBack || all.now() - usedNanos < staleNanos || unfilledBytes() == 0) {
            return false;
        }
        long stamp = use.tryWriteLock();
        if (stamp == 0) {
            return false;
        }
        givenBack = true;
        use.unlockWrite(stamp);
        return true;
    }

    /** The room that the guest may still fill. */
    public long outstandingBytes() {
        return givenBack ? 0 : unfilledBytes();
    }

    long unfilledBytes() {
        return Math.max(0, ramBytes + besideBytes - onDisk.getAsLong());
    }

    double unusedSeconds() {
        return (all.now() - usedNanos) / 1e9;
    }
}
