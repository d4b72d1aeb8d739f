package io.pageferry.store.reservation;

import io.pageferry.config.ByteSize;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room on a store's disk that guests have reserved and not yet filled: for everybody else it is not there. For any
 * thread.
 */
public final class Reservations {
    private static final Logger LOG = LoggerFactory.getLogger(Reservations.class);

    private final String store;
    private final long keepFreeBytes;
    private final LongSupplier clock;
    private final FreeSpace freeSpace;
    private final Set<Reservation> all = new LinkedHashSet<>(); // guarded by this

    /**
     * Makes an empty one.
     *
     * @param store where that is, for messages
     * @param keepFreeBytes what must be left on the disk
     */
    public Reservations(String store, long keepFreeBytes, FreeSpace freeSpace) {
        this(store, keepFreeBytes, freeSpace, System::nanoTime);
    }

    Reservations(String store, long keepFreeBytes, FreeSpace freeSpace, LongSupplier clock) {
        this.store = store;
        this.keepFreeBytes = keepFreeBytes;
        this.clock = clock;
        this.freeSpace = freeSpace;
    }

    /** How many bytes can still be written to the disk. */
    @FunctionalInterface
    public interface FreeSpace {
        long bytes() throws IOException;
    }

    /**
     * A reservation of nothing, which counts until it is removed.
     *
     * @param staleAfter when it may be given to others, where nothing is written
     * @param onDisk how much of its room is filled
     */
    public synchronized Reservation open(String image, Duration staleAfter, LongSupplier onDisk) {
        Reservation reservation = new Reservation(this, image, staleAfter, onDisk);
        all.add(reservation);
        return reservation;
    }

    public synchronized void remove(Reservation reservation) {
        all.remove(reservation);
    }

    long now() {
        return clock.getAsLong();
    }

    /**
     * Takes room, that of others who do not use theirs too.
     *
     * @param what is said where there is none
     * @param record notes it
     */
    synchronized void take(Reservation reservation, long bytes, String what, Runnable record)
            throws ReservationException {
        long free = freeBytes();
        if (bytes > free - outstanding(all) - keepFreeBytes) {
            giveBackStale(reservation, all);
        }
        long reserved = outstanding(all);
        if (bytes > free - reserved - keepFreeBytes) {
            throw new ReservationException("guest must have room on disk: needed=" + ByteSize.format(bytes) + " free="
                    + ByteSize.format(free) + " reservedByOthers=" + ByteSize.format(reserved) + " min-disk-free="
                    + ByteSize.format(keepFreeBytes) + what + " store=" + store);
        }
        for (String holder : reservation.holders()) {
            requireShare(reservation, holder, bytes, free);
        }
        record.run();
    }

    private void requireShare(Reservation reservation, String holder, long bytes, long free)
            throws ReservationException {
        long most = (long) ((free - keepFreeBytes) * reservation.share());
        Set<Reservation> own = new LinkedHashSet<>(all);
        own.removeIf(one -> !one.holders().contains(holder));
        if (bytes > most - outstanding(own)) {
            giveBackStale(reservation, own);
        }
        long held = outstanding(own);
        if (bytes > most - held) {
            throw new ReservationException(
                    "guests of one host, or one identity, must hold host-share of the free room at the"
                            + " most: holder=" + holder + " needed=" + ByteSize.format(bytes) + " held="
                            + ByteSize.format(held) + " free=" + ByteSize.format(free) + " min-disk-free="
                            + ByteSize.format(keepFreeBytes) + " host-share=" + reservation.share() + " store="
                            + store);
        }
    }

    private static long outstanding(Set<Reservation> of) {
        return of.stream().mapToLong(Reservation::outstandingBytes).sum();
    }

    private static void giveBackStale(Reservation taker, Set<Reservation> of) {
        for (Reservation one : of) {
            if (one != taker && one.giveBackIfStale()) {
                LOG.warn(
                        "reservation must be used within stall-timeout, it is given back: image={} bytes=\"{}\""
                                + " unused={}s",
                        one.image(),
                        ByteSize.format(one.unfilledBytes()),
                        String.format(Locale.ROOT, "%.0f", one.unusedSeconds()));
            }
        }
    }

    private long freeBytes() throws ReservationException {
        try {
            return freeSpace.bytes();
        } catch (IOException e) {
            throw new ReservationException(
                    "store's folder must stay where it is: store=" + store + " reason=\"" + e + "\"", e);
        }
    }
}
